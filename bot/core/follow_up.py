"""Short questions that ask on about the matter just answered: "how much does it cost?", "and on Sundays?"."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.normalise import folded
from bot.core.outcome import Outcome

MOST_WORDS = 12
"""A longer message says what it is about."""

STANDS_ALONE_AT = 0.98
"""From which confidence a message is understood alone though it names nothing: nearly a topic's own example."""

_SINGLE = (Outcome.ANSWER, Outcome.FORM, Outcome.SMALLTALK, Outcome.HANDOFF)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class FollowUp:
    """`kinds`: what is asked of the matter. `points`: a word points back at it, so that it cannot stand alone."""

    kinds: tuple[str, ...]
    points: bool


@dataclass(frozen=True)
class Said:
    """What a message says of the one before it. `pick`: which of the choices offered, from 0."""

    follow_up: FollowUp | None = None
    pick: int | None = None


@dataclass(frozen=True)
class Cues:
    """One language's phrases of up to `longest` words: `kinds` of what is asked, those that point back, the rest."""

    kinds: Mapping[Phrase, str]
    pointing: frozenset[Phrase]
    words: frozenset[Phrase]
    longest: int = field(default=1)

    @classmethod
    def from_data(cls, follow_up: Mapping[str, Any]) -> "Cues":
        """`follow_up`: that section of a file in data/phrasing."""
        kinds = {phrase: kind for kind, texts in follow_up["kinds"].items() for phrase in _phrases(texts)}
        pointing, words = frozenset(_phrases(follow_up["pointing"])), frozenset(_phrases(follow_up["words"]))
        return cls(kinds, pointing, words, max(map(len, [*kinds, *pointing, *words])))

    def find(self, text: str) -> FollowUp | None:
        """What `text` asks of the matter before it; None where it names a matter of its own or asks nothing known."""
        words = words_of(text)
        if not 0 < len(words) <= MOST_WORDS:
            return None
        found = self._read(words)
        if found is None:
            return None
        kinds = tuple(dict.fromkeys(kind for phrase in found if (kind := self.kinds.get(phrase))))
        return FollowUp(kinds, any(phrase in self.pointing for phrase in found)) if kinds else None

    def _read(self, words: Sequence[str]) -> list[Phrase] | None:
        """`words` as phrases known here, the longest first; None where a word is in none."""
        found: list[Phrase] = []
        place = 0
        while place < len(words):
            lengths = range(min(self.longest, len(words) - place), 0, -1)
            phrases = (tuple(words[place : place + length]) for length in lengths)
            known = next((phrase for phrase in phrases if self._knows(phrase)), None)
            if known is None:
                return None
            found.append(known)
            place += len(known)
        return found

    def _knows(self, phrase: Phrase) -> bool:
        return phrase in self.kinds or phrase in self.pointing or phrase in self.words


@dataclass(frozen=True)
class Before:
    """What was said last: the topic answered and what has been asked on about it since, or the topics offered.

    `pending`: the second matter offered beside that answer.
    """

    answered: str | None = None
    kinds: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    pending: str | None = None


@dataclass(frozen=True)
class Assumed:
    """What a message is taken to be about. `again`: the same was asked on before, and the answer has been given."""

    topic: str
    kinds: tuple[str, ...] = ()
    again: bool = False
    pending: str | None = None


def assume(said: Said, before: Before, *, outcome: Outcome, confidence: float) -> Assumed | None:
    """What to take a message to be about; None where its own reading (`outcome`, `confidence`) stands."""
    if outcome is Outcome.EMERGENCY:
        return None
    if said.pick is not None and said.pick < len(before.offered):
        return Assumed(before.offered[said.pick])
    asked = said.follow_up
    if asked is None or before.answered is None or _stands_alone(asked, outcome, confidence):
        return None
    kinds = tuple(sorted({*before.kinds, *asked.kinds}))
    return Assumed(before.answered, kinds, set(asked.kinds) <= set(before.kinds), before.pending)


def _stands_alone(asked: FollowUp, outcome: Outcome, confidence: float) -> bool:
    return not asked.points and confidence >= STANDS_ALONE_AT and outcome in _SINGLE


def words_of(text: str) -> list[str]:
    """The words of `text` as the phrases are compared: lower case, no accents, no apostrophes."""
    return [part for word in _WORD.findall(text) for part in folded(word).split("-")]


def find_follow_up(text: str, languages: Iterable[Cues]) -> FollowUp | None:
    """What `text` asks on, in any of `languages`: a message this short does not show which one it is in."""
    return next((found for cues in languages if (found := cues.find(text))), None)


def _phrases(texts: Iterable[str]) -> list[Phrase]:
    return [tuple(words_of(text)) for text in texts]
