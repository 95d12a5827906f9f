"""A resident's message as plain lower-case words, whatever was done to its letters.

People in danger type badly, and a phone adds accents, emoji and capitals of its own. The emergency gate therefore reads
folded words; bot/core/spelling.py undoes stretched, glued, disguised and mistyped ones.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

STOP = "|"  # the mark between sentences, and at both ends of a message
EXAMINED_HEAD, EXAMINED_TAIL = 6_000, 3_000  # characters; Telegram's longest message has 4,096
LONGEST_WORD = 60

_EMOJI = {
    "🔫": "gun", "🔪": "knife", "🗡": "knife", "🔥": "flames", "💣": "bomb",
    "🆘": "sos", "🚑": "ambulance", "🚒": "flames",
}
_UNSEEN = "'’‘ʼ`´′＇\u115f\u1160\u3164\uffa0"
_BEFORE = str.maketrans({**{key: f" {word} " for key, word in _EMOJI.items()}, **dict.fromkeys(_UNSEEN, "")})
# Cyrillic, Greek and small capital letters that look like Latin ones; common ones of Unicode's confusables (UTS 39).
_PAIRS = (
    "аa вb еe зe иu кk мm нh оo рp сc тt уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl пn дd гr "
    "αa βb εe ηn μu νv οo ρp τt υu χx ωw κk ιi γy ζz "
    "ɡg ıi øo łl đd ʀr ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
)
_LOOKALIKES = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
_DROPPED = frozenset({"Mn", "Me", "Cf"})  # accents, combining storms, zero-width and direction marks
_TOKEN = re.compile(r"\.{2,}|[.!?;¡¿]+|\d+(?=(?:yrs?|yo)\b)|[^\W_]+(?:[*!@$][^\W_]+)*")


def examined(text: str) -> str:
    """The part of a message that is read: all of an ordinary one, head and tail of an endless one."""
    if len(text) <= EXAMINED_HEAD + EXAMINED_TAIL:
        return text
    return f"{text[:EXAMINED_HEAD]} {text[-EXAMINED_TAIL:]}"


def folded(text: str) -> str:
    """NFKC, lower case, no accents, no invisible marks, look-alike letters as Latin ones."""
    text = text.translate(_BEFORE)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(letter for letter in text if unicodedata.category(letter) not in _DROPPED)
    return kept.translate(_LOOKALIKES)


def words_of(text: str, read: Callable[[str], Sequence[str]]) -> list[str]:
    """The message's words with STOP between sentences and at both ends; `read` says what each word written means."""
    words = [STOP]
    for token in _spaced_letters_joined(_TOKEN.findall(folded(examined(text)))):
        if token[0].isalnum():
            words.extend(read(token[:LONGEST_WORD]))
        elif not token.startswith("..") and words[-1] != STOP:
            words.append(STOP)
    return words if words[-1] == STOP else [*words, STOP]


def _spaced_letters_joined(tokens: Sequence[str]) -> Iterator[str]:
    """"h e l p" and "s.o.s" as one word; fewer than three single letters in a row stay as they are."""
    position = 0
    while position < len(tokens):
        letters, after = _letters_from(tokens, position) if len(tokens[position]) == 1 else ((), 0)
        if len(letters) >= 3:
            yield "".join(letters)
            position = after
        else:
            yield tokens[position]
            position += 1


def _letters_from(tokens: Sequence[str], position: int) -> tuple[Sequence[str], int]:
    letters: list[str] = []
    after = position
    while position < len(tokens):
        token = tokens[position]
        if len(token) == 1 and token.isalnum():
            letters.append(token)
            after = position + 1
        elif not letters or token not in {"."}:
            break
        position += 1
    return letters, after
