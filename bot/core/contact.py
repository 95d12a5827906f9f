"""How to reach a resident who leaves a message: a US phone number, an e-mail address, or this chat."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from bot.core.commands import plain

THIS_CHAT = "this chat"
ABOUT_LIMITS = (5, 1000)
"""Characters a message may have. Shorter says nothing; longer does not fit the console's card."""

EMERGENCY_NUMBERS = frozenset({"911", "112", "999", "988"})

_HERE = frozenset(
    {
        *("this chat", "the chat", "chat", "here", "in this chat", "here in the chat", "on here", "right here"),
        *("este chat", "el chat", "en este chat", "por este chat", "aqui", "por aqui", "aqui mismo", "por el chat"),
    }
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}\b")
_PHONE = re.compile(r"\+?\(?\d(?:[\d\s().\-/]*\d)?")
_PREMIUM = frozenset({"900", "976"})  # area codes that charge the caller (NANPA)


class ContactProblem(str, Enum):
    """Why something cannot be used to reach the resident; each has a reply of its own in domain.yml."""

    EMERGENCY = "emergency"
    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    PREMIUM = "premium"
    ABROAD = "abroad"


@dataclass(frozen=True)
class Contact:
    """`value`: an e-mail address, a number as ``555-0134`` or ``(312) 555-0134``, or THIS_CHAT."""

    value: str


def read_contact(text: str) -> Contact | ContactProblem:
    """What a resident typed, as a contact, or why it is none. Full-width and Arabic digits count as digits."""
    typed = _latin_digits(text).strip()
    if plain(typed) in _HERE:
        return Contact(THIS_CHAT)
    address = _EMAIL.search(typed)
    if address and len(address.group()) <= 254:
        return Contact(address.group())
    number = _longest_number(typed)
    return ContactProblem.UNREADABLE if number is None else _read_number(number)


def about_problem(text: str) -> str | None:
    """``too_short`` or ``too_long`` for what a message is about, None where it can be passed on."""
    shortest, longest = ABOUT_LIMITS
    if len(plain(text)) < shortest:
        return "too_short"
    return "too_long" if len(text) > longest else None


def _latin_digits(text: str) -> str:
    compatible = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in compatible)


def _longest_number(text: str) -> str | None:
    found = sorted(_PHONE.findall(text), key=lambda number: sum(c.isdigit() for c in number))
    return found[-1] if found else None


def _read_number(number: str) -> Contact | ContactProblem:
    digits = "".join(c for c in number if c.isdigit())
    if digits in EMERGENCY_NUMBERS:
        return ContactProblem.EMERGENCY
    if len(digits) < 7:
        return ContactProblem.TOO_SHORT
    if len(digits) > 15:  # the longest number there is (ITU-T E.164)
        return ContactProblem.TOO_LONG
    if _is_abroad(number, digits):
        return ContactProblem.ABROAD
    return _read_national(digits[1:] if len(digits) == 11 else digits)


def _is_abroad(number: str, digits: str) -> bool:
    if number.startswith("+") or len(digits) > 10:
        return not (len(digits) == 11 and digits.startswith("1"))
    return False


def _read_national(digits: str) -> Contact | ContactProblem:
    """Seven digits dialled locally, or ten with the area code (North American Numbering Plan)."""
    if len(digits) == 7:
        return Contact(f"{digits[:3]}-{digits[3:]}")
    if len(digits) != 10 or digits[0] in "01":
        return ContactProblem.UNREADABLE
    if digits[:3] in _PREMIUM:
        return ContactProblem.PREMIUM
    return Contact(f"({digits[:3]}) {digits[3:6]}-{digits[6:]}")
