"""Reads stretched, disguised, glued and mistyped words as the ones that were meant."""

import re
from collections.abc import Iterable, Iterator, Mapping

LONGEST_PIECE = 14  # of a glued word
LONGEST_MISTYPED = 20  # longer words are glued or noise, and would take long to compare
_DIGITS = str.maketrans("0134578", "oieastb")
_INSIDE = str.maketrans("@$", "as")
_VOWELS = "aeiou"
# Of a glued word, only these short words may be pieces.
_SHORT_PIECES = frozenset([
    "i", "is", "in", "my", "me", "to", "he", "we", "at", "on", "no", "go", "us", "am", "im",
    "mi", "se", "la", "el", "de", "en", "un", "ya",
])


class Spelling:
    """Reads a word as written as the word or words that were meant, among the words the phrases know.

    `key_words` may be mistyped; `plain_words` are only recognised, so that a real word is never taken for a mistyped
    key word; `shorthand` maps what is written to the words it stands for ("im" to "i am").
    """

    def __init__(self, key_words: Iterable[str], plain_words: Iterable[str], shorthand: Mapping[str, str]) -> None:
        self._keys = frozenset(key_words)
        self._known: frozenset[str] = self._keys | frozenset(plain_words)
        self._shorthand = {written: tuple(words.split()) for written, words in shorthand.items()}
        self._near = _deletion_index(self._keys)

    def read(self, written: str) -> tuple[str, ...]:
        """The words meant by one written word; one that nobody knows is returned as it is."""
        if written in self._known and written not in self._shorthand:
            return (written,)
        for reading in self._readings(written):
            if reading in self._shorthand:
                return self._shorthand[reading]
            if reading in self._known:
                return (reading,)
        return self._unglued(written) or tuple(re.split(r"[*!@$]+", written))

    def _readings(self, written: str) -> Iterator[str]:
        yield written
        if not written.isalpha():
            plain = written.translate(_INSIDE)
            yield plain
            yield plain.translate(_DIGITS) if not plain.isdigit() else plain
            yield from (re.sub(r"[*!]+", vowel, plain) for vowel in _VOWELS)
        for kept in (r"\1\1", r"\1"):
            yield re.sub(r"(.)\1+", kept, written)
        yield from self._mistyped(written)

    def _mistyped(self, written: str) -> Iterator[str]:
        """Key words one slip away (two for words of ten letters and more); only swapped neighbours in short words."""
        if 4 <= len(written) <= 5:
            yield from (word for word in _swaps(written) if word in self._keys)
        if 6 <= len(written) <= LONGEST_MISTYPED and written.isalpha():
            allowed = _slips(written)
            shorter = deletions(written, allowed)
            near = {key for form in shorter for key in self._near.get(form, ())}
            near = {key for key in near if key[0] == written[0] or len(written) > 7}
            ranked = sorted((distance(written, key), _single(key) != _single(written), key) for key in near)
            yield from (key for distance, _, key in ranked[:1] if distance <= allowed)

    def _unglued(self, written: str) -> tuple[str, ...]:
        """"callthepolice" as its words, when known words fill it completely; fewest first, single letters last."""
        if len(written) < 6 or not written.isalpha():
            return ()
        best: dict[int, tuple[int, tuple[str, ...]]] = {0: (0, ())}
        for end in range(1, len(written) + 1):
            ways = [
                (best[start][0] + 1 + (end - start == 1), (*best[start][1], written[start:end]))
                for start in range(max(0, end - LONGEST_PIECE), end)
                if start in best and self._is_piece(written[start:end])
            ]
            if ways:
                best[end] = min(ways)
        _, pieces = best.get(len(written), (0, ()))
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


def deletions(word: str, most: int) -> set[str]:
    """The word and what is left of it when up to `most` letters are missing (Garbe's symmetric deletion)."""
    forms = {word}
    for _ in range(most):
        forms |= {form[:i] + form[i + 1:] for form in forms for i in range(len(form))}
    return forms


def _deletion_index(keys: Iterable[str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for key in sorted(keys):
        if len(key) >= 6:
            for form in deletions(key, _slips(key)):
                index.setdefault(form, []).append(key)
    return index


def distance(one: str, other: str) -> int:
    """Optimal string alignment: letters missing, added, replaced, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
