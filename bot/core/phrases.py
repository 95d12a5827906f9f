"""Phrases that reviewers write and the emergency gate finds, in one pass over a message's words.

A phrase is a line such as `<someone> has/holds <weapon> ... outside`:

* a word stands for itself, `a/b` for either, `<name>` for any entry of the list of that name;
* between two of them small words ("the", "is", "really") may stand;
* `...` lets up to six other words stand between, but no negation and no end of sentence;
* `|` is the beginning or the end of a sentence.

Only phrases all of whose elements occur in the message are tried, and each moves forward through a bounded window: the
time grows with the length of the message and nothing else.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.normalise import STOP, folded

GAP = 6
SMALL_WORDS_BETWEEN = 5

Place = tuple[int, int]  # where an element begins and ends
Option = tuple[str, ...]  # the words of one way to say an element
Beginnings = Mapping[str, Sequence[tuple[Option, str]]]  # a word to the options that begin with it, and their elements


@dataclass(frozen=True)
class Hit:
    """A phrase found: `words[start:end]` is its stretch of the message, without the sentence mark before it."""

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
        self._beginnings: dict[str, list[tuple[Option, str]]] = {}
        self._by_first: dict[str, list[tuple[str, tuple[_Step, ...]]]] = {}
        self._elements: set[str] = set()

    @property
    def words(self) -> set[str]:
        """Every single word that occurs in a phrase added so far."""
        return {word for options in self._beginnings.values() for words, _ in options for word in words} - {STOP}

    def add(self, label: str, phrase: str) -> None:
        """Add one phrase; ValueError when it names an unknown list or begins or ends with a gap."""
        first, *rest = _steps(folded(phrase))
        for step in (first, *rest):
            self._learn(step.element, phrase)
        self._by_first.setdefault(first.element, []).append((label, tuple(rest)))

    def find(self, words: Sequence[str]) -> Iterator[Hit]:
        """Every phrase in `words`, in no particular order."""
        message = _Message(words, self._beginnings, self._small, self._uncrossable)
        for element in message.elements:
            for label, steps in self._by_first.get(element, ()):
                if all(step.element in message.elements for step in steps):
                    yield from self._hits(label, element, steps, message)

    @staticmethod
    def _hits(label: str, first: str, steps: Sequence["_Step"], message: "_Message") -> Iterator[Hit]:
        for start, end in message.places(first):
            ends = {end}
            for step in steps:
                ends = {later for reached in ends for later in message.ends_after(reached, step)}
            if ends:
                yield Hit(label, start + (message.words[start] == STOP), min(ends))

    def _learn(self, element: str, phrase: str) -> None:
        if element in self._elements:
            return
        self._elements.add(element)
        for option in element.split("/"):
            for words in self._options(option, phrase):
                self._beginnings.setdefault(words[0], []).append((words, element))

    def _options(self, option: str, phrase: str) -> list[Option]:
        if not option.startswith("<"):
            return [(option,)]
        if option[1:-1] not in self._lists:
            raise ValueError(f"The phrase {phrase!r} uses the list {option}, which does not exist.")
        return [tuple(folded(entry).split()) for entry in self._lists[option[1:-1]]]


class _Message:
    """Where the elements of phrases stand in one message, and how far a phrase may step from each position."""

    def __init__(
        self, words: Sequence[str], beginnings: Beginnings, small: frozenset[str], uncrossable: frozenset[str],
    ) -> None:
        self.words = words
        self._small = small
        self._uncrossable = uncrossable
        self._positions: dict[str, list[int]] = {}
        for position, word in enumerate(words):
            self._positions.setdefault(word, []).append(position)
        self.elements: dict[str, list[Option]] = {}
        for word in self._positions:
            for option, element in beginnings.get(word, ()):
                self.elements.setdefault(element, []).append(option)
        self._places: dict[str, list[Place]] = {}
        self._farthest: dict[tuple[int, bool], int] = {}

    def places(self, element: str) -> Sequence[Place]:
        """Where an element begins and ends, in order."""
        if element not in self._places:
            options = self.elements[element]
            self._places[element] = sorted(place for option in options for place in self._places_of(option))
        return self._places[element]

    def ends_after(self, position: int, step: "_Step") -> Iterator[int]:
        """Where the next element of a phrase may end when the one before it ended at `position`."""
        key = position, step.after_gap
        if key not in self._farthest:
            self._farthest[key] = self._walked(position, step.after_gap)
        places = self.places(step.element)
        index = bisect_left(places, (position, 0))
        while index < len(places) and places[index][0] <= self._farthest[key]:
            yield places[index][1]
            index += 1

    def _places_of(self, option: Option) -> Iterator[Place]:
        for position in self._positions[option[0]]:
            end = position + len(option)
            if len(option) == 1 or tuple(self.words[position:end]) == option:
                yield position, end

    def _walked(self, position: int, gap: bool) -> int:
        others = GAP if gap else 0
        small = SMALL_WORDS_BETWEEN
        while position < len(self.words):
            word = self.words[position]
            if word in self._small and small:
                small -= 1
            elif others and word not in self._uncrossable:
                others -= 1
            else:
                break
            position += 1
        return position


def _steps(phrase: str) -> list[_Step]:
    steps: list[_Step] = []
    after_gap = False
    for part in phrase.split():
        if part != "...":
            steps.append(_Step(part, after_gap))
        after_gap = part == "..."
    if not steps or steps[0].after_gap or after_gap:
        raise ValueError(f"A phrase must begin and end with a word: {phrase!r}.")
    return steps
