"""How residents put things, in every language of data/phrasing: where messages part, and how they ask on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.follow_up import Cues, FollowUp, find_follow_up, words_of
from bot.core.parts import Joints, Parts, split


@dataclass(frozen=True)
class Phrasing:
    """`joints` by language. The rest is of all languages: a message so short does not show which one it is in.

    `picks`: the words of a whole message -> which of the choices just offered it picks, from 0.
    """

    joints: Mapping[str, Joints]
    cues: tuple[Cues, ...]
    picks: Mapping[tuple[str, ...], int]

    @classmethod
    def from_data(cls, documents: Mapping[str, Mapping[str, Any]]) -> "Phrasing":
        """`documents`: language -> a file of data/phrasing as read. Without any, every message is one part."""
        joints = {language: Joints.from_data(document["parts"]) for language, document in documents.items()}
        cues = tuple(Cues.from_data(document["follow_up"]) for document in documents.values())
        picks = {
            tuple(words_of(phrase)): place
            for document in documents.values()
            for place, phrases in enumerate(document["picks"])
            for phrase in phrases
        }
        return cls(joints, cues, picks)

    def follow_up(self, text: str) -> FollowUp | None:
        """What `text` asks of the matter before it, where it names none of its own."""
        return find_follow_up(text, self.cues)

    def pick(self, text: str) -> int | None:
        """Which of the choices just offered `text` picks, from 0; None where it is no such message."""
        return self.picks.get(tuple(words_of(text)))

    def parts(self, text: str, language: str) -> Parts:
        """The parts of `text` that could be matters of their own; none in a language without a file."""
        joints = self.joints.get(language)
        return split(text, joints, is_follow_up=self._is_follow_up) if joints else Parts()

    def _is_follow_up(self, text: str) -> bool:
        return self.follow_up(text) is not None
