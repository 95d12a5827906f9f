"""The emergency gate: does this message mean "call 911 now"?

It runs on every message before anything else and needs neither the engine nor the database (docs/security.md, promise P6).
The phrases, and the guards that hold them back, are reviewed data in data/emergency/<language>.yml; every language's
phrases are tried on every message. In doubt the resident sees the notice and the ordinary answer.
"""

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from bot.core.normalise import STOP, Spelling, words_of
from bot.core.phrases import Hit, PhraseBook

RULE_REACH = 12  # words from "how do I report ..." to what it speaks about
GUARDS = ("now", "past", "was", "rules", "story", "all_clear", "idioms")


class EmergencyKind(str, Enum):
    """What is happening; the order settles a message that means several."""

    DOMESTIC = "domestic_violence"
    SELF_HARM = "self_harm"
    CRIME = "crime_in_progress"
    FIRE_MEDICAL = "fire_medical"


_KIND_ORDER = {kind: order for order, kind in enumerate(EmergencyKind)}


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
    general: bool = False


@dataclass(frozen=True)
class Entry:
    """One reviewed line of a language's list; `general` ones ("send help") yield to any other."""

    entry_id: str
    kind: EmergencyKind
    tense: Tense
    certain: bool
    general: bool

    @property
    def rank(self) -> Tuple[bool, bool, int]:
        return (not self.certain, self.general, _KIND_ORDER[self.kind])


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
        found = [match for lexicon in self._lexicons for match in lexicon.matches(words)]
        return min(found, key=_rank, default=None)


def _rank(match: EmergencyMatch) -> Tuple[bool, bool, int]:
    return (not match.certain, match.general, _KIND_ORDER[match.kind])


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

    def matches(self, words: Sequence[str]) -> Iterator[EmergencyMatch]:
        """What each entry found says after the guards; stops at the first certain one, as no later one outranks it."""
        words = self._without_idioms(words)
        hits = self._hits_by_entry(words)
        if not hits:
            return
        scene = _Scene(words, list(self._guards.find(words)))
        for entry_id in sorted(hits, key=lambda key: self._entries[key].rank):
            entry = self._entries[entry_id]
            certain = self._certainty(entry, hits[entry_id], scene)
            if certain is not None:
                yield EmergencyMatch(entry.kind, entry_id, self.language, certain, entry.general)
            if certain:
                return

    def _hits_by_entry(self, words: Sequence[str]) -> Dict[str, List[Hit]]:
        hits: Dict[str, List[Hit]] = {}
        for hit in self._phrases.find(words):
            hits.setdefault(hit.label, []).append(hit)
        return hits

    def _certainty(self, entry: Entry, hits: Sequence[Hit], scene: "_Scene") -> Optional[bool]:
        """True certain, False in doubt, None held back; the surest of an entry's hits speaks for it."""
        if any(self._unless[entry.entry_id].find(scene.words)):
            return None
        judged = (self._judge(entry.tense, hit, scene) for hit in hits if not self._is_negated(hit, scene.words))
        surest = max((verdict for verdict in judged if verdict is not None), default=None)
        return None if surest is None else surest and entry.certain

    def _judge(self, tense: Tense, hit: Hit, scene: "_Scene") -> Optional[bool]:
        if tense is Tense.ALWAYS:
            return not scene.has("story")
        is_now = scene.has_beside("now", hit)
        if scene.has("all_clear") and not is_now:
            return None
        if scene.has_before("rules", hit) or scene.has("story"):
            return False if is_now else None
        if tense is Tense.JUST_HAPPENED:
            return self._just_happened(scene)
        is_past = scene.has_beside("past", hit) or scene.has_inside("was", hit)
        return None if is_past and not is_now else True

    @staticmethod
    def _just_happened(scene: "_Scene") -> Optional[bool]:
        if scene.has("now"):
            return True
        return None if scene.has("past") else False

    def _is_negated(self, hit: Hit, words: Sequence[str]) -> bool:
        position = hit.start - 1
        while words[position] in self._small:
            position -= 1
        return words[position] in self._negations

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


class _Scene:
    """A message's words and where its guards stand, as its hits ask for them."""

    def __init__(self, words: Sequence[str], cues: Sequence[Hit]) -> None:
        self.words = words
        self._sentence = _sentence_numbers(words)
        self._starts: Dict[str, List[int]] = {name: [] for name in GUARDS}
        self._sentences: Dict[str, Set[int]] = {name: set() for name in GUARDS}
        for cue in sorted(cues, key=lambda cue: cue.start):
            self._starts[cue.label].append(cue.start)
            self._sentences[cue.label].add(self._sentence[cue.start])

    def has(self, name: str) -> bool:
        return bool(self._starts[name])

    def has_beside(self, name: str, hit: Hit) -> bool:
        """In the same sentence."""
        return self._sentence[hit.start] in self._sentences[name]

    def has_before(self, name: str, hit: Hit) -> bool:
        """In the same sentence, beginning before the phrase and near it."""
        first = max(hit.start - RULE_REACH, self._sentence.index(self._sentence[hit.start]))
        return self._has_between(name, first, hit.start + 1)

    def has_inside(self, name: str, hit: Hit) -> bool:
        """Within the phrase or right before it."""
        return self._has_between(name, hit.start - 2, hit.end)

    def _has_between(self, name: str, first: int, end: int) -> bool:
        starts = self._starts[name]
        position = bisect_left(starts, first)
        return position < len(starts) and starts[position] < end


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
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"The emergency entry {row.get('id')} is not readable: {error}.") from error
