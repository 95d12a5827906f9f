"""One language's reviewed emergency list: its entries, and the guards that hold them back.

data/emergency/en.yml explains the form to reviewers; this module gives it meaning.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.core.normalise import STOP
from bot.core.phrases import Hit, PhraseBook
from bot.core.scene import GUARDS, Scene

PARTS = ("lists", "small_words", "negations", "shorthand", "real_words", "guards", "entries")


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


Rank = tuple[bool, bool, int]  # the lower speaks for the message


@dataclass(frozen=True)
class Entry:
    """One reviewed line of a list; a `general` one ("send help") yields to any other."""

    entry_id: str
    kind: EmergencyKind
    tense: Tense
    certain: bool
    general: bool

    def rank(self, certain: bool) -> Rank:
        """Certain before in doubt, particular before general, then by kind."""
        return not certain, self.general, list(EmergencyKind).index(self.kind)


@dataclass(frozen=True)
class Found:
    """An entry that applies to a message, after the guards."""

    entry: Entry
    certain: bool

    @property
    def rank(self) -> Rank:
        return self.entry.rank(self.certain)


class Lexicon:
    """`key_words` are the words of its phrases, `plain_words` all others it knows (see `Spelling`).

    `document` is a parsed data/emergency/<language>.yml; ValueError in plain words when it is wrong.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.language = str(document.get("language", "?"))
        for part in PARTS:
            if part not in document:
                raise ValueError(f"The emergency list {self.language!r} has no {part!r}.")
        self._negations = frozenset(document["negations"])
        self._small = frozenset(document["small_words"])
        self._phrases, self._guards, self._idioms = (_book(document) for _ in range(3))
        self._entries: dict[str, Entry] = {}
        self._unless: dict[str, PhraseBook] = {}
        self._learn_guards(document["guards"])
        for row in document["entries"]:
            self._learn_entry(row, document)
        self.key_words = self._phrases.words
        self.plain_words = self._words_only_known(document)

    def found_in(self, words: Sequence[str]) -> Iterator[Found]:
        """The entries that apply to a message; stops at the first certain one, as no later one outranks it."""
        words = self._without_idioms(words)
        hits = self._hits_by_entry(words)
        if not hits:
            return
        scene = Scene(words, self._guards.find(words))
        entries = (self._entries[entry_id] for entry_id in hits)
        for entry in sorted(entries, key=lambda entry: entry.rank(entry.certain)):
            certain = self._certainty(entry, hits[entry.entry_id], scene)
            if certain is not None:
                yield Found(entry, certain)
            if certain:
                return

    def _hits_by_entry(self, words: Sequence[str]) -> dict[str, list[Hit]]:
        hits: dict[str, list[Hit]] = {}
        for hit in self._phrases.find(words):
            hits.setdefault(hit.label, []).append(hit)
        return hits

    def _without_idioms(self, words: Sequence[str]) -> Sequence[str]:
        masked = list(words)
        for hit in self._idioms.find(words):
            masked[hit.start:hit.end] = [word if word == STOP else "_" for word in masked[hit.start:hit.end]]
        return masked

    def _certainty(self, entry: Entry, hits: Sequence[Hit], scene: Scene) -> bool | None:
        """True certain, False in doubt, None held back; the surest of an entry's hits speaks for it."""
        if any(self._unless[entry.entry_id].find(scene.words)):
            return None
        judged = (_verdict(entry.tense, hit, scene) for hit in hits if not self._is_negated(hit, scene.words))
        surest = max((verdict for verdict in judged if verdict is not None), default=None)
        return None if surest is None else surest and entry.certain

    def _is_negated(self, hit: Hit, words: Sequence[str]) -> bool:
        position = hit.start - 1
        while words[position] in self._small:
            position -= 1
        return words[position] in self._negations

    def _learn_guards(self, guards: Mapping[str, Sequence[str]]) -> None:
        allowed = (*GUARDS, "idioms")
        for name, phrases in guards.items():
            if name not in allowed:
                raise ValueError(f"A guard of {self.language!r} is called {name!r}; it may be {', '.join(allowed)}.")
            for phrase in phrases:
                (self._idioms if name == "idioms" else self._guards).add(name, phrase)

    def _learn_entry(self, row: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        entry = _entry(row)
        if entry.entry_id in self._entries:
            raise ValueError(f"The emergency entry {entry.entry_id} is there twice.")
        self._entries[entry.entry_id] = entry
        self._unless[entry.entry_id] = _book({**document, "negations": ()})
        for phrase in row["say"]:
            self._phrases.add(entry.entry_id, phrase)
        for phrase in row.get("unless", ()):
            self._unless[entry.entry_id].add("unless", phrase)

    def _words_only_known(self, document: Mapping[str, Any]) -> set[str]:
        held_back = {word for book in self._unless.values() for word in book.words}
        listed = {*document["real_words"], *document["small_words"], *document["negations"]}
        return held_back | listed | self._guards.words | self._idioms.words


def _verdict(tense: Tense, hit: Hit, scene: Scene) -> bool | None:
    """What the guards leave of one phrase found: certain, in doubt (False), or nothing."""
    if tense is Tense.ALWAYS:
        return not scene.has("story")
    is_now = scene.has_beside("now", hit)
    if scene.has("all_clear") and not is_now:
        return None
    if scene.has_before("if", hit) or scene.has("story"):
        return False if is_now else None
    if scene.has_before("rules", hit):
        # "how do I call, my house is on fire" states something; "how do I report a fire" does not.
        return False if is_now or scene.has_inside("is", hit) else None
    if tense is Tense.JUST_HAPPENED:
        return _verdict_on_what_happened(scene)
    is_past = scene.has_beside("past", hit) or scene.has_inside("was", hit)
    return None if is_past and not is_now else True


def _verdict_on_what_happened(scene: Scene) -> bool | None:
    if scene.has("now"):
        return True
    return None if scene.has("past") else False


def _book(document: Mapping[str, Any]) -> PhraseBook:
    return PhraseBook(document["lists"], small=document["small_words"], negations=document["negations"])


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
