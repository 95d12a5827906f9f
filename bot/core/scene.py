"""Where the guards of the emergency lists stand in one message, as its phrases ask for them."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from bot.core.normalise import STOP
from bot.core.phrases import Hit

GUARDS = ("now", "past", "was", "is", "rules", "if", "story", "all_clear")
REACH = {"rules": 12, "if": 10}  # words from "how do I report ..." or "if someone ..." to what it speaks about


class Scene:
    """A message's words and its guards."""

    def __init__(self, words: Sequence[str], guards: Iterable[Hit]) -> None:
        self.words = words
        self._sentence = _sentence_numbers(words)
        self._starts: dict[str, list[int]] = {name: [] for name in GUARDS}
        self._sentences: dict[str, set[int]] = {name: set() for name in GUARDS}
        for guard in sorted(guards, key=lambda guard: guard.start):
            self._starts[guard.label].append(guard.start)
            self._sentences[guard.label].add(self._sentence[guard.start])

    def has(self, name: str) -> bool:
        """Anywhere in the message."""
        return bool(self._starts[name])

    def has_beside(self, name: str, hit: Hit) -> bool:
        """In the same sentence."""
        return self._sentence[hit.start] in self._sentences[name]

    def has_before(self, name: str, hit: Hit) -> bool:
        """In the same sentence, beginning before the phrase and near it."""
        first = max(hit.start - REACH[name], bisect_left(self._sentence, self._sentence[hit.start]))
        return self._has_between(name, first, hit.start + 1)

    def has_inside(self, name: str, hit: Hit) -> bool:
        """Within the phrase or right before it."""
        return self._has_between(name, hit.start - 2, hit.end)

    def _has_between(self, name: str, first: int, end: int) -> bool:
        starts = self._starts[name]
        position = bisect_left(starts, first)
        return position < len(starts) and starts[position] < end


def _sentence_numbers(words: Sequence[str]) -> list[int]:
    """For each word the number of its sentence; a mark counts with the sentence it opens."""
    numbers: list[int] = []
    for word in words:
        numbers.append((numbers[-1] if numbers else 0) + (word == STOP))
    return numbers
