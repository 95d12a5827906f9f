"""A word that no example has, read as the one it is a slip away from: "crsah reprot" as "crash report".

The words come from the examples themselves, a list a language. A word that examples of the language use is not touched,
unless it is as good as never used beside one that is used all the time: examples hold slips too. What is mended is read
by the classifier alone: nobody is shown it. With one letter in 25 mistyped it wins back half of what typing costs, and
it changes nothing on messages as they are (docs/nlu.md).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.core.spelling import deletions, distance

FEWEST_USES = 3  # of a word before another is mended into it
MOST_SLIPS = 2  # uses of a slip that stands in examples, and how often the meant word has to be used for each
FOR_EACH_SLIP = 40
SHORTEST = 5  # letters; shorter words have too many neighbours
LONG = 10  # letters from which two slips are forgiven
_LONGEST = 20
_WORD = re.compile(r"[a-z]+")


class Typos:
    """`words`: language -> (word -> how many examples use it)."""

    def __init__(self, words: Mapping[str, Mapping[str, int]]) -> None:
        self.words = {language: dict(uses) for language, uses in words.items()}
        self._near: dict[str, dict[str, list[str]]] = {}

    @classmethod
    def learnt(cls, texts: Sequence[str], languages: Iterable[str]) -> "Typos":
        """From the normalised examples and the language of each."""
        uses: dict[str, Counter[str]] = {}
        for text, language in zip(texts, languages, strict=True):
            uses.setdefault(str(language), Counter()).update(set(_WORD.findall(text)))
        return cls(uses)

    def mended(self, text: str, language: str) -> str:
        """`text`, normalised, with unknown words read as known ones; as it is in a language without examples."""
        if language not in self.words:
            return text
        return _WORD.sub(lambda found: self._mended(found.group(), language), text)

    def _mended(self, word: str, language: str) -> str:
        uses = self.words[language]
        seen = uses.get(word, 0)
        if seen > MOST_SLIPS or not SHORTEST + bool(seen) <= len(word) <= _LONGEST:
            return word
        slips = _slips(word) if not seen else 1
        index = self._index_of(language)
        near = {known for form in deletions(word, slips) for known in index.get(form, ())}
        near = {known for known in near if uses[known] >= FOR_EACH_SLIP * seen and known != word}
        ranked = ((distance(word, known), -uses[known], known) for known in near)
        best = min((found for found in ranked if found[0] <= slips), default=None)
        return best[2] if best else word

    def _index_of(self, language: str) -> dict[str, list[str]]:
        """Made when a language's first unknown word comes: a training never needs it."""
        if language not in self._near:
            self._near[language] = _index(self.words[language])
        return self._near[language]


def _slips(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _index(uses: Mapping[str, int]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for word in sorted(word for word, count in uses.items() if count >= FEWEST_USES and len(word) >= SHORTEST):
        for form in deletions(word, _slips(word)):
            index.setdefault(form, []).append(word)
    return index
