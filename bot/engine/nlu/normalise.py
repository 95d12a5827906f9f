"""One written form for every way of typing a thing: caps, accents, emoji and stray signs must not change the answer."""

import re
import unicodedata

# Signs of asking and shouting are left out by half of all people who ask and shout.
_MOOD = re.compile(r"[¿¡]|[?!.]+$")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-"}
)
_SPACES = re.compile(r"\s+")
_STRETCHED_LETTER = re.compile(r"([a-z])\1{2,}")
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
    kept = "".join(_visible(sign) for sign in composed)
    plain = _without_accents(kept.lower())
    plain = _STRETCHED_LETTER.sub(r"\1\1", plain)
    plain = _STRETCHED_SIGN.sub(r"\1", plain)
    return _SPACES.sub(" ", _MOOD.sub("", plain.strip())).strip()[:MAX_CHARACTERS]


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Cc":
        return " "
    return "" if category in _DROPPED else sign


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn"))
