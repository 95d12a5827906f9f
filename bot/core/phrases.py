"""Phrases that reviewers write and the emergency gate finds, in one pass over a message's words.

A phrase is a line such as `<someone> has/holds <weapon> ... outside`:

* a word stands for itself, `a/b` for either, `<name>` for any entry of the list of that name;
* between two of them small words ("the", "is", "really") may stand;
* `...` lets up to six other words stand between, but no negation and no end of sentence;
* `|` is the beginning or the end of a sentence.

Every position is tried once against the phrases that can begin there and a phrase moves forward through a bounded window,
so the time grows with the length of the message and nothing else.
"""

from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Sequence, Set, Tuple

from bot.core.normalise import STOP

GAP = 6
SMALL_WORDS_BETWEEN = 5

Elements = Mapping[str, Sequence[int]]  # what begins at one word, and where each of it ends


@dataclass(frozen=True)
class Hit:
    """A phrase found: `words[start:end]` is its stretch of the message."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class _Step:
    element: str
    after_gap: bool


class PhraseBook:
    """The phrases of one language. `lists` are the named word lists; `small` may be skipped, `negations` never are."""

    def __init__(self, lists: Mapping[str, Sequence[str]], *, small: Sequence[str], negations: Sequence[str]) -> None:
        self._lists = lists
        self._small = frozenset(small)
        self._uncrossable = frozenset((*negations, STOP))
        self._beginnings: Dict[str, List[Tuple[Tuple[str, ...], str]]] = {}
        self._by_first: Dict[str, List[Tuple[str, Tuple[_Step, ...]]]] = {}
        self._elements: Set[str] = set()

    @property
    def words(self) -> Set[str]:
        """Every single word that occurs in a phrase added so far."""
        return {word for options in self._beginnings.values() for words, _ in options for word in words} - {STOP}

    def add(self, label: str, phrase: str) -> None:
        """Add one phrase; ValueError when it names an unknown list or begins or ends with a gap."""
        first, *rest = _steps(phrase)
        for step in (first, *rest):
            self._learn(step.element, phrase)
        self._by_first.setdefault(first.element, []).append((label, tuple(rest)))

    def find(self, words: Sequence[str]) -> Iterator[Hit]:
        """Every phrase in `words`, by where it begins."""
        elements = [self._elements_at(words, position) for position in range(len(words))]
        for start, here in enumerate(elements):
            for element, ends in here.items():
                for label, steps in self._by_first.get(element, ()):
                    end = self._follow(steps, set(ends), words, elements)
                    if end:
                        yield Hit(label, start, end)

    def _learn(self, element: str, phrase: str) -> None:
        if element in self._elements:
            return
        self._elements.add(element)
        for option in element.split("/"):
            for words in self._options(option, phrase):
                self._beginnings.setdefault(words[0], []).append((words, element))

    def _options(self, option: str, phrase: str) -> List[Tuple[str, ...]]:
        if not option.startswith("<"):
            return [(option,)]
        if option[1:-1] not in self._lists:
            raise ValueError(f"The phrase {phrase!r} uses the list {option}, which does not exist.")
        return [tuple(entry.split()) for entry in self._lists[option[1:-1]]]

    def _elements_at(self, words: Sequence[str], position: int) -> Elements:
        found: Dict[str, List[int]] = {}
        for option, element in self._beginnings.get(words[position], ()):
            end = position + len(option)
            if len(option) == 1 or tuple(words[position:end]) == option:
                found.setdefault(element, []).append(end)
        return found

    def _follow(self, steps: Sequence[_Step], ends: Set[int], words: Sequence[str], elements: Sequence[Elements]) -> int:
        for step in steps:
            ends = {
                end
                for reached in ends
                for position in self._reach(words, reached, step.after_gap)
                for end in elements[position].get(step.element, ())
            }
            if not ends:
                return 0
        return min(ends)

    def _reach(self, words: Sequence[str], position: int, gap: bool) -> Iterator[int]:
        others = GAP if gap else 0
        small = SMALL_WORDS_BETWEEN
        while position < len(words):
            yield position
            word = words[position]
            if word in self._small and small:
                small -= 1
            elif others and word not in self._uncrossable:
                others -= 1
            else:
                return
            position += 1


def _steps(phrase: str) -> List[_Step]:
    steps: List[_Step] = []
    after_gap = False
    for part in phrase.split():
        if part != "...":
            steps.append(_Step(part, after_gap))
        after_gap = part == "..."
    if not steps or steps[0].after_gap or after_gap:
        raise ValueError(f"A phrase must begin and end with a word: {phrase!r}.")
    return steps
