"""One written form for every way of typing a thing: caps, accents, emoji and stray signs must not change the answer."""

import re
import unicodedata
from collections.abc import Callable

# Signs of asking and shouting are left out by half of all people who ask and shout.
_OPENING = "¿¡"
_CLOSING = "?!. "
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-"}
)
_SPACES = re.compile(r"\s+")
_STRETCHED_LETTER = re.compile(r"([a-z])\1{2,}")
# A place in brackets at either end, as forums ask for it: "(OH) Landlord's son", "parking ticket [Texas]".
_BRACKETED = r"[(\[][^()\[\]]{1,24}[)\]]"
_PLACE = re.compile(rf"^(?:\s*{_BRACKETED})+|(?:{_BRACKETED}[\s?!.]*)+$")
_STRETCHED_SIGN = re.compile(r"([!?.,\-_*=~])\1+")
# Emoji are symbols (So), their modifiers (Sk), joiners (Cf), private or unassigned code points (Co, Cn, Cs).
_DROPPED = frozenset(("So", "Sk", "Cf", "Co", "Cn", "Cs"))
# Longer messages are cut here: the encoders read about 128 word pieces, and nobody's question starts later.
MAX_CHARACTERS = 2000


def normalise(text: str) -> str:
    """Return `text` lower-cased, without accents, emoji or invisible signs, spaces collapsed, at most 2,000 characters.

    The same function runs over training examples and residents' messages, so "MI REPORTE POLICÍA 🚓" and
    "mi reporte policia" are one text to every encoder. An emoji alone becomes the empty string.
    """
    composed = unicodedata.normalize("NFKC", text[: 2 * MAX_CHARACTERS].translate(_QUOTES))
    plain = _without_accents(composed.translate(_VISIBLE).lower())
    plain = _STRETCHED_LETTER.sub(r"\1\1", plain)
    plain = _STRETCHED_SIGN.sub(r"\1", plain)
    plain = _SPACES.sub(" ", plain).strip()[:MAX_CHARACTERS].rstrip(_CLOSING)
    return _without_places(plain)


def _without_places(text: str) -> str:
    """`text` without places in brackets at its ends, unless nothing else is in it."""
    rest = _PLACE.sub("", text).strip().rstrip(_CLOSING)
    return rest if any(map(str.isalnum, rest)) else text


class _Signs(dict[int, str | None]):
    """A table for str.translate that works out each sign when it is first met."""

    def __init__(self, becomes: Callable[[str], str | None]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str | None:
        self[code] = self._becomes(chr(code))
        return self[code]


def _visible(sign: str) -> str | None:
    category = unicodedata.category(sign)
    if category == "Cc":
        return " "
    return None if category in _DROPPED or sign in _OPENING else sign


_VISIBLE = _Signs(_visible)
_NO_ACCENTS = _Signs(lambda sign: None if unicodedata.category(sign) == "Mn" else sign)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_NO_ACCENTS))
