"""A resident's message as plain lower-case words, whatever was done to its letters.

People in danger type badly, and a phone adds accents, emoji and capitals of its own. The emergency gate therefore reads
folded words (`words_of`) and a `Spelling` that undoes stretched, glued, disguised and mistyped ones.
"""

import re
import unicodedata
from typing import Dict, FrozenSet, Iterable, Iterator, List, Mapping, Sequence, Set, Tuple

STOP = "|"  # the mark between sentences, and at both ends of a message
EXAMINED_HEAD, EXAMINED_TAIL = 6_000, 3_000  # characters; Telegram's longest message has 4,096
LONGEST_WORD = 60
LONGEST_PIECE = 14  # of a glued word

_EMOJI = {"🔫": "gun", "🔪": "knife", "🗡": "knife", "🔥": "flames", "💣": "bomb", "🆘": "sos", "🚑": "ambulance", "🚒": "flames"}
_UNSEEN = "'’‘ʼ`´′＇\u115f\u1160\u3164\uffa0"
_BEFORE = str.maketrans({**{key: f" {word} " for key, word in _EMOJI.items()}, **dict.fromkeys(_UNSEEN)})
# Cyrillic, Greek and small-capital letters that look like Latin ones; from Unicode's confusables (UTS 39), the common ones.
_LOOKALIKES = str.maketrans({pair[0]: pair[1] for pair in (
    "аa вb еe зe иu кk мm нh оo рp сc тt уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl пn дd гr "
    "αa βb εe ηn μu νv οo ρp τt υu χx ωw κk ιi γy ζz "
    "ɡg ıi øo łl đd ʀr ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
).split()})
_DROPPED = frozenset({"Mn", "Me", "Cf"})  # accents, combining storms, zero-width and direction marks
_DIGITS = str.maketrans("0134578", "oieastb")
_INSIDE = str.maketrans("@$", "as")
_TOKEN = re.compile(r"\.{2,}|[.!?;¡¿]+|[^\W_]+(?:[*!@$][^\W_]+)*")
_VOWELS = "aeiou"
_SHORT_PIECES = frozenset("i is in my me to he we at on no go us am im mi se la el de en un ya".split())  # of a glued word


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


def words_of(text: str, spelling: "Spelling") -> List[str]:
    """The message's words with STOP between sentences and at both ends; `Spelling` says how each word is read."""
    words = [STOP]
    for token in _spaced_letters_joined(_TOKEN.findall(folded(examined(text)))):
        if token[0].isalnum():
            words.extend(spelling.read(token[:LONGEST_WORD]))
        elif not token.startswith("..") and words[-1] != STOP:
            words.append(STOP)
    return words if words[-1] == STOP else [*words, STOP]


def _spaced_letters_joined(tokens: Sequence[str]) -> Iterator[str]:
    """"h e l p" and "s.o.s" as one word; fewer than three single letters in a row stay as they are."""
    position = 0
    while position < len(tokens):
        letters, after = _letters_from(tokens, position)
        if len(letters) >= 3:
            yield "".join(letters)
            position = after
        else:
            yield tokens[position]
            position += 1


def _letters_from(tokens: Sequence[str], position: int) -> Tuple[List[str], int]:
    letters: List[str] = []
    after = position
    while position < len(tokens):
        token = tokens[position]
        if len(token) == 1 and token.isalnum():
            letters.append(token)
            after = position + 1
        elif token != "." or not letters:
            break
        position += 1
    return letters, after


class Spelling:
    """Reads one token as the word or words that were meant, among the words the phrases know.

    `key_words` may be mistyped; `plain_words` are only recognised, so that a real word is never taken for a mistyped key
    word; `shorthand` maps a token to the words it stands for ("im" to "i am").
    """

    def __init__(self, key_words: Iterable[str], plain_words: Iterable[str], shorthand: Mapping[str, str]) -> None:
        self._keys = frozenset(key_words)
        self._known: FrozenSet[str] = self._keys | frozenset(plain_words)
        self._shorthand = {token: tuple(words.split()) for token, words in shorthand.items()}
        self._near = _deletion_index(self._keys)

    def read(self, token: str) -> Tuple[str, ...]:
        """The words meant by one token; a token nobody knows is returned as it is."""
        for reading in self._readings(token):
            if reading in self._shorthand:
                return self._shorthand[reading]
            if reading in self._known:
                return (reading,)
        return self._unglued(token) or tuple(re.split(r"[*!@$]+", token))

    def _readings(self, token: str) -> Iterator[str]:
        yield token
        if not token.isalpha():
            plain = token.translate(_INSIDE)
            yield plain
            yield plain.translate(_DIGITS) if not plain.isdigit() else plain
            yield from (re.sub(r"[*!]+", vowel, plain) for vowel in _VOWELS)
        for kept in (r"\1\1", r"\1"):
            yield re.sub(r"(.)\1+", kept, token)
        yield from self._mistyped(token)

    def _mistyped(self, token: str) -> Iterator[str]:
        """Key words one slip away (two for words of ten letters and more); only swapped neighbours in short words."""
        if 4 <= len(token) <= 5:
            yield from (word for word in _swaps(token) if word in self._keys)
        if len(token) >= 6 and token.isalpha():
            allowed = _slips(token)
            shorter = _deletions(token, allowed)
            near = {key for form in shorter for key in self._near.get(form, ()) if key[0] == token[0] or len(token) > 7}
            ranked = sorted((_distance(token, key), _single(key) != _single(token), key) for key in near)
            yield from (key for distance, _, key in ranked[:1] if distance <= allowed)

    def _unglued(self, token: str) -> Tuple[str, ...]:
        """"callthepolice" as its words, when known words fill it completely; the fewest words win, single letters last."""
        if len(token) < 6 or not token.isalpha():
            return ()
        best: Dict[int, Tuple[int, Tuple[str, ...]]] = {0: (0, ())}
        for end in range(1, len(token) + 1):
            ways = [
                (best[start][0] + 1 + (end - start == 1), (*best[start][1], token[start:end]))
                for start in range(max(0, end - LONGEST_PIECE), end)
                if start in best and self._is_piece(token[start:end])
            ]
            if ways:
                best[end] = min(ways)
        _, pieces = best.get(len(token), (0, ()))
        return tuple(word for piece in pieces for word in self._shorthand.get(piece, (piece,)))

    def _is_piece(self, piece: str) -> bool:
        if len(piece) < 3:
            return piece in _SHORT_PIECES
        return piece in self._known or piece in self._shorthand


def _single(word: str) -> str:
    """Without doubled letters: the commonest slip, so "hiting" is "hitting" rather than "hiding"."""
    return re.sub(r"(.)\1+", r"\1", word)


def _slips(word: str) -> int:
    return 2 if len(word) >= 10 else 1


def _swaps(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1] + word[i] + word[i + 2:] for i in range(len(word) - 1))


def _deletions(word: str, most: int) -> Set[str]:
    """The word and what is left of it when up to `most` letters are missing (Garbe's symmetric deletion, 2012)."""
    forms = {word}
    for _ in range(most):
        forms |= {form[:i] + form[i + 1:] for form in forms for i in range(len(form))}
    return forms


def _deletion_index(keys: Iterable[str]) -> Dict[str, List[str]]:
    index: Dict[str, List[str]] = {}
    for key in sorted(keys):
        if len(key) >= 6:
            for form in _deletions(key, _slips(key)):
                index.setdefault(form, []).append(key)
    return index


def _distance(one: str, other: str) -> int:
    """Optimal string alignment: letters missing, added, replaced, or two neighbours swapped."""
    before: List[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
