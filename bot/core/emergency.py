"""The emergency gate: does this message mean "call 911 now"?

It runs on every message before anything else and needs neither the engine nor the database. The phrases, and the guards
that hold them back, are reviewed data in data/emergency/<language>.yml; every language's phrases are tried on every
message. In doubt the resident sees the notice and the ordinary answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.contractions import Contractions
from bot.core.lexicon import EmergencyKind, Lexicon
from bot.core.normalise import examined, words_of
from bot.core.spelling import Spelling

__all__ = ["EmergencyGate", "EmergencyKind", "EmergencyMatch"]


@dataclass(frozen=True)
class EmergencyMatch:
    """`certain` False means in doubt: show the notice and answer the question too."""

    kind: EmergencyKind
    entry_id: str
    language: str
    certain: bool


class EmergencyGate:
    """Every language's lexicon, and one spelling for all."""

    def __init__(self, lexicons: Sequence[Lexicon], spelling: Spelling, contractions: Contractions) -> None:
        self._lexicons, self._spelling, self._contractions = lexicons, spelling, contractions

    @classmethod
    def from_data(cls, documents: Sequence[Mapping[str, Any]]) -> "EmergencyGate":
        """`documents`: the parsed data/emergency/<language>.yml files. ValueError in plain words when one is wrong."""
        lexicons = [Lexicon(document) for document in documents]
        if not lexicons:
            raise ValueError("The emergency list is empty: no language was given.")
        keys = {word for lexicon in lexicons for word in lexicon.key_words}
        plain = {word for lexicon in lexicons for word in lexicon.plain_words}
        shorthand = {token: words for document in documents for token, words in document["shorthand"].items()}
        contractions = {word: meant for one in documents for word, meant in one.get("contractions", {}).items()}
        return cls(lexicons, Spelling(keys, plain, shorthand), Contractions(contractions))

    def check(self, text: str) -> EmergencyMatch | None:
        """The emergency a message means, or None. Any text at all; of an endless one the head and the tail are read."""
        words = words_of(self._contractions.spelled_out(examined(text)), self._spelling.read)
        found = [(entry, lexicon.language) for lexicon in self._lexicons for entry in lexicon.found_in(words)]
        if not found:
            return None
        best, language = min(found, key=lambda pair: pair[0].rank)
        return EmergencyMatch(best.entry.kind, best.entry.entry_id, language, best.certain)
