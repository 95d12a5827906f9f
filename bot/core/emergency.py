"""The emergency gate: does this message mean "call 911 now"?

It runs on every message before anything else and needs neither the engine nor the database (docs/security.md, promise P6).
The phrases, and the guards that hold them back, are reviewed data in data/emergency/<language>.yml; every language's
phrases are tried on every message. In doubt the resident sees the notice and the ordinary answer.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from bot.core.normalise import STOP, Spelling, words_of
from bot.core.phrases import Hit, PhraseBook

RULE_REACH = 9  # words between "how do I report ..." and what it speaks about
GUARDS = ("now", "past", "was", "rules", "story", "all_clear", "idioms")


class EmergencyKind(str, Enum):
    """What is happening; the order settles a message that means several."""

    DOMESTIC = "domestic_violence"
    SELF_HARM = "self_harm"
    CRIME = "crime_in_progress"
    FIRE_MEDICAL = "fire_medical"


class Tense(str, Enum):
    """When a phrase is an emergency."""

    NOW = "now"  # "is breaking in": unless the sentence speaks of the past or asks about rules
    JUST_HAPPENED = "just_happened"  # "broke in": certain only beside a word for now, in doubt with no time at all
    ALWAYS = "always"  # "I want to die": whatever the time, also as a question


@dataclass(frozen=True)
class EmergencyMatch:
    """`certain` False means in doubt: show the notice and answer the question too."""

    kind: EmergencyKind
    entry_id: str
    language: str
    certain: bool


@dataclass(frozen=True)
class Entry:
    """One reviewed line of a language's list; `general` ones ("send help") yield to any other."""

    entry_id: str
    kind: EmergencyKind
    tense: Tense
    certain: bool
    general: bool
    is_held_back: bool


class EmergencyGate:
    """Every language's lexicon, read from the files in data/emergency."""

    def __init__(self, lexicons: Sequence["Lexicon"], spelling: Spelling) -> None:
        self._lexicons = lexicons
        self._spelling = spelling

    @classmethod
    def from_data(cls, documents: Sequence[Mapping[str, Any]]) -> "EmergencyGate":
        """`documents`: the parsed data/emergency/<language>.yml files. ValueError in plain words when one is wrong."""
        lexicons = [Lexicon.from_document(document) for document in documents]
        if not lexicons:
            raise ValueError("The emergency list is empty: no language was given.")
        keys = {word for lexicon in lexicons for word in lexicon.key_words}
        plain = {word for lexicon in lexicons for word in lexicon.plain_words}
        shorthand = {token: words for document in documents for token, words in document["shorthand"].items()}
        return cls(lexicons, Spelling(keys, plain, shorthand))

    def check(self, text: str) -> Optional[EmergencyMatch]:
        """The emergency a message means, or None. Any text at all; time grows with its length, up to 9,000 characters."""
        words = words_of(text, self._spelling)
        found = [(entry, lexicon) for lexicon in self._lexicons for entry in lexicon.entries_in(words)]
        if not found:
            return None
        entry, lexicon = min(found, key=lambda pair: _rank(pair[0]))
        return EmergencyMatch(entry.kind, entry.entry_id, lexicon.language, entry.certain)


def _rank(entry: Entry) -> Tuple[bool, bool, int]:
    return (not entry.certain, entry.general, list(EmergencyKind).index(entry.kind))


class Lexicon:
    """One language's entries and the guards that hold them back."""

    def __init__(self, language: str, document: Mapping[str, Any]) -> None:
        self.language = language
        lists, small, no_words = document["lists"], document["small_words"], document["negations"]
        self._negations = frozenset(no_words)
        self._small = frozenset(small)
        self._phrases = PhraseBook(lists, small=small, negations=no_words)
        self._guards = PhraseBook(lists, small=small, negations=no_words)
        self._idioms = PhraseBook(lists, small=small, negations=no_words)
        self._entries: Dict[str, Entry] = {}
        self._unless: Dict[str, PhraseBook] = {}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Lexicon":
        """ValueError in plain words when the document is not a reviewed emergency list."""
        language = str(document.get("language", "?"))
        for part in ("lists", "small_words", "negations", "shorthand", "real_words", "guards", "entries"):
            if part not in document:
                raise ValueError(f"The emergency list {language!r} has no {part!r}.")
        lexicon = cls(language, document)
        lexicon._learn_guards(document["guards"])
        for row in document["entries"]:
            lexicon._learn_entry(row, document)
        lexicon.key_words = lexicon._phrases.words
        lexicon.plain_words = lexicon._plain_words(document)
        return lexicon

    key_words: "set[str]"
    plain_words: "set[str]"

    def entries_in(self, words: Sequence[str]) -> Iterator[Entry]:
        """The entries that apply to a message, `certain` as it stands after the guards."""
        words = self._without_idioms(words)
        hits = list(self._phrases.find(words))
        if not hits:
            return
        sentence = _sentence_numbers(words)
        cues = list(self._guards.find(words))
        for hit in hits:
            entry = self._judged(self._entries[hit.label], hit, _Cues(hit, cues, sentence), words)
            if entry is not None:
                yield entry

    def _judged(self, entry: Entry, hit: Hit, cues: "_Cues", words: Sequence[str]) -> Optional[Entry]:
        if self._is_negated(hit, words) or self._is_held_back(entry, words):
            return None
        if entry.tense is Tense.ALWAYS:
            return replace(entry, certain=False) if cues.anywhere("story") else entry
        if cues.anywhere("all_clear") and not cues.beside("now"):
            return None
        if cues.before("rules") or cues.anywhere("story"):
            return replace(entry, certain=False) if cues.beside("now") else None
        if entry.tense is Tense.JUST_HAPPENED:
            return self._just_happened(entry, cues)
        is_past = cues.beside("past") or cues.inside("was")
        return None if is_past and not cues.beside("now") else entry

    @staticmethod
    def _just_happened(entry: Entry, cues: "_Cues") -> Optional[Entry]:
        if cues.anywhere("now"):
            return entry
        return None if cues.anywhere("past") else replace(entry, certain=False)

    def _is_negated(self, hit: Hit, words: Sequence[str]) -> bool:
        position = hit.start - 1
        while words[position] in self._small:
            position -= 1
        return words[position] in self._negations

    def _is_held_back(self, entry: Entry, words: Sequence[str]) -> bool:
        return entry.is_held_back and any(self._unless[entry.entry_id].find(words))

    def _without_idioms(self, words: Sequence[str]) -> Sequence[str]:
        masked: List[str] = list(words)
        for hit in self._idioms.find(words):
            masked[hit.start:hit.end] = [word if word == STOP else "_" for word in masked[hit.start:hit.end]]
        return masked

    def _learn_guards(self, guards: Mapping[str, Sequence[str]]) -> None:
        unknown = set(guards) - set(GUARDS)
        if unknown:
            raise ValueError(f"The guards of {self.language!r} may be {', '.join(GUARDS)}; not {', '.join(sorted(unknown))}.")
        for name, phrases in guards.items():
            for phrase in phrases:
                (self._idioms if name == "idioms" else self._guards).add(name, phrase)

    def _learn_entry(self, row: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        entry_id = str(row.get("id"))
        if entry_id in self._entries:
            raise ValueError(f"The emergency entry {entry_id} is there twice.")
        self._entries[entry_id] = _entry(row)
        for phrase in row["say"]:
            self._phrases.add(entry_id, phrase)
        self._unless[entry_id] = PhraseBook(document["lists"], small=document["small_words"], negations=())
        for phrase in row.get("unless", ()):
            self._unless[entry_id].add("unless", phrase)

    def _plain_words(self, document: Mapping[str, Any]) -> "set[str]":
        held_back = {word for book in self._unless.values() for word in book.words}
        listed = {*document["real_words"], *document["small_words"], *document["negations"]}
        return held_back | listed | self._guards.words | self._idioms.words


class _Cues:
    """The guards' finds, as one hit sees them."""

    def __init__(self, hit: Hit, cues: Sequence[Hit], sentence: Sequence[int]) -> None:
        self._hit = hit
        self._cues = cues
        self._sentence = sentence

    def anywhere(self, name: str) -> bool:
        return any(cue.label == name for cue in self._cues)

    def beside(self, name: str) -> bool:
        return any(self._is_beside(cue) for cue in self._cues if cue.label == name)

    def before(self, name: str) -> bool:
        """In the same sentence, beginning before the phrase and near it."""
        return any(
            cue.start <= self._hit.start <= cue.end + RULE_REACH and self._is_beside(cue)
            for cue in self._cues if cue.label == name
        )

    def inside(self, name: str) -> bool:
        """Within the phrase or right before it."""
        return any(self._hit.start - 2 <= cue.start < self._hit.end for cue in self._cues if cue.label == name)

    def _is_beside(self, cue: Hit) -> bool:
        return self._sentence[cue.start] == self._sentence[self._hit.start]


def _sentence_numbers(words: Sequence[str]) -> List[int]:
    numbers: List[int] = []
    for word in words:
        numbers.append((numbers[-1] if numbers else 0) + (word == STOP))
    return numbers


def _entry(row: Mapping[str, Any]) -> Entry:
    try:
        return Entry(
            entry_id=str(row["id"]),
            kind=EmergencyKind(row["kind"]),
            tense=Tense(row.get("tense", "now")),
            certain=bool(row.get("certain", True)),
            general=bool(row.get("general", False)),
            is_held_back=bool(row.get("unless")),
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"The emergency entry {row.get('id')} is not readable: {error}.") from error
