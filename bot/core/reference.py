"""References a resident can read out: ``FD-7K3M-Q9WT-X2HC``. Nobody can guess one, and a slip of the pen is noticed."""

import secrets
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs: no 0, O, 1, I or L, which people mix up. 31 is prime, so the check catches every single wrong sign and
every two neighbours swapped."""

RANDOM_SIGNS = 11  # 31 ** 11 is more than 54 bits
_PREFIX = "FD"


def draw(choice: Callable[[str], str] = secrets.choice) -> str:
    """A new reference: eleven random signs and a check sign, in groups of four. `choice` picks one sign of a string."""
    signs = "".join(choice(ALPHABET) for _ in range(RANDOM_SIGNS))
    signs += _check(signs)
    return "-".join([_PREFIX, signs[:4], signs[4:8], signs[8:]])


def read(text: str) -> str | None:
    """The reference that `text` spells, however it is spaced or capitalised, or None where it is not one."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    signs = signs[len(_PREFIX):] if signs.startswith(_PREFIX) and len(signs) > RANDOM_SIGNS + 1 else signs
    if len(signs) != RANDOM_SIGNS + 1 or any(sign not in ALPHABET for sign in signs):
        return None
    if signs[-1] != _check(signs[:-1]):
        return None
    return "-".join([_PREFIX, signs[:4], signs[4:8], signs[8:]])


def _check(signs: str) -> str:
    """The weighted sum of the signs modulo 31; weights 2..12 differ, so a wrong sign and a swap are both noticed."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, 2))
    return ALPHABET[total % len(ALPHABET)]
