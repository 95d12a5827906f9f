"""The emergency gate: every reviewed example, the measured message list, and letters of every disguise."""

import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.emergency import EmergencyGate, EmergencyKind
from bot.core.normalise import folded, words_of
from bot.core.spelling import Spelling

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "es")


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


LISTS = {language: read(f"data/emergency/{language}.yml") for language in LANGUAGES}
BATCHES = read("tests/core/emergency_phrases.yml")
GATE = EmergencyGate.from_data(list(LISTS.values()))


def rows(field: str) -> list[Any]:
    return [
        pytest.param(entry, text, id=f"{entry['id']}: {text}")
        for document in LISTS.values() for entry in document["entries"] for text in entry[field]
    ]


def emergencies() -> Iterator[tuple[str, str]]:
    for batch in BATCHES.values():
        for kinds in batch["emergencies"].values():
            for kind, texts in kinds.items():
                yield from ((text, kind) for text in texts)


EVERYDAY = [text for batch in BATCHES.values() for texts in batch["everyday"].values() for text in texts]


@pytest.mark.parametrize("entry, text", rows("examples"))
def test_every_example_in_the_list_is_recognised_as_its_kind(entry, text):
    match = GATE.check(text)
    assert match is not None
    assert match.kind.value == entry["kind"]


@pytest.mark.parametrize("entry, text", rows("not"))
def test_every_counter_example_in_the_list_is_left_alone(entry, text):
    assert GATE.check(text) is None


@pytest.mark.parametrize("text, kind", list(emergencies()))
def test_no_message_of_a_person_in_danger_is_missed(text, kind):
    match = GATE.check(text)
    assert match is not None
    assert match.kind.value == kind


def test_ordinary_messages_rarely_get_the_notice_and_almost_never_the_alarm():
    matches = [match for match in map(GATE.check, EVERYDAY) if match]
    certain = [match for match in matches if match.certain]
    assert len(certain) <= 0.02 * len(EVERYDAY)
    assert len(matches) <= 0.06 * len(EVERYDAY)


@pytest.mark.parametrize("text, certain", [
    ("someone is breaking in right now", True),
    ("my husband just hit me", True),
    ("my husband hit me", False),
    ("last night he tried to kill me and he's outside now", True),
    ("what should i do if someone is breaking in right now", False),
    ("help me please", False),
    ("i tried to kill myself last year", True),
])
def test_a_word_for_now_beats_a_guard_and_no_word_at_all_leaves_doubt(text, certain):
    assert GATE.check(text).certain is certain


@pytest.mark.parametrize("text", [
    "my car was stolen last week", "when should i call 911?", "help", "menu", "",
    "someone broke into my house yesterday", "my husband hit me last month", "this weather makes me want to die",
    "my nephew is writing a story about a bank robbery", "no one has a gun", "false alarm, nobody is breaking in",
])
def test_past_rules_fiction_negation_and_idioms_are_no_emergency(text):
    assert GATE.check(text) is None


@pytest.mark.parametrize("text, kind", [
    ("Ｓｏｍｅｏｎｅ ｈａｓ ａ ｇｕｎ", EmergencyKind.CRIME),                       # full-width letters
    ("hе hаs а gun", EmergencyKind.CRIME),                              # Cyrillic а and е
    ("s\u200bom\u200deone ha\u202es a g\u2060un", EmergencyKind.CRIME),  # zero-width and direction marks
    ("h̷̢e̵ ̶h̸a̶s̵ ̴a̵ ̷g̶u̴n̶", EmergencyKind.CRIME),                            # combining storm
    ("he has a 🔫", EmergencyKind.CRIME),
    ("s o m e o n e i s i n m y h o u s e", EmergencyKind.CRIME),
    ("callthepolice now", EmergencyKind.CRIME),
    ("MY HOUSE IS ON FIIIIREEEE", EmergencyKind.FIRE_MEDICAL),
    ("my h0use is on f1re", EmergencyKind.FIRE_MEDICAL),
    ("İ WANT TO DİE", EmergencyKind.SELF_HARM),
    ("mi esposo me está pegando\u0301", EmergencyKind.DOMESTIC),
    ("my husband\nis hitting\nme", EmergencyKind.DOMESTIC),
])
def test_disguised_letters_are_read_through(text, kind):
    assert GATE.check(text).kind is kind


def test_a_spanish_message_is_recognised_whatever_language_was_chosen():
    match = GATE.check("hello. mi casa se está quemando")
    assert (match.kind, match.language) == (EmergencyKind.FIRE_MEDICAL, "es")


def test_danger_at_either_end_of_an_endless_message_is_found_at_once():
    began = time.process_time()
    assert GATE.check("someone is in my house " + "a" * 1_000_000)
    assert GATE.check("b" * 1_000_000 + " my baby is not breathing")
    assert time.process_time() - began < 1


@pytest.mark.parametrize("filler", [
    "help ", "he has ", "i want to ", "(((", "\u0301", "a ", "no no ", "stab" * 15 + " ", "qzxjkw ",
])
def test_the_time_of_hostile_text_is_bounded(filler):
    began = time.process_time()
    GATE.check(filler * (200_000 // len(filler)))
    assert time.process_time() - began < 1


@given(st.text(max_size=400))
def test_any_text_at_all_is_answered(text):
    GATE.check(text)


@given(st.lists(st.sampled_from(
    ["i", "not", "gun", "has", "my", "husband", "?", ".", "now", "if", "no", "kill", "casa", "se", "\ud800"],
), max_size=60))
def test_any_mixture_of_the_words_of_danger_is_answered(words):
    GATE.check(" ".join(words))


@settings(max_examples=60)
@given(st.sampled_from(list(emergencies())), st.data())
def test_capitals_accents_and_invisible_marks_change_nothing(message, data):
    text, _ = message
    change = data.draw(st.sampled_from([
        str.upper, str.title, lambda plain: unicodedata.normalize("NFD", plain), lambda plain: "\u200b".join(plain),
        lambda plain: "".join(letter + "\u0336" for letter in plain), lambda plain: f"  {plain}  ",
    ]))
    assert GATE.check(change(text)) == GATE.check(text)


@pytest.mark.parametrize("written, read_as", [
    ("hellllp", ("help",)), ("brekaing", ("breaking",)), ("kinfe", ("knife",)), ("hiting", ("hitting",)),
    ("im", ("i", "am")), ("therapist", ("therapist",)), ("k*ll", ("kill",)),
    ("callthepolice", ("call", "the", "police")),
])
def test_one_word_is_read_as_it_was_meant(written, read_as):
    keys = {"help", "breaking", "knife", "hitting", "call", "police", "kill", "rapist"}
    spelling = Spelling(keys, plain_words={"the", "therapist"}, shorthand={"im": "i am"})
    assert spelling.read(written) == read_as


def test_sentences_are_kept_apart_and_dots_in_a_row_are_no_end():
    words = words_of("Help! My house... it burns", lambda word: [word])
    assert " ".join(words) == "| help | my house it burns |"


def test_folding_twice_changes_nothing_more():
    assert folded(folded("Él ESTÁ aquí, ｈｅｌｐ")) == "el esta aqui, help"


@pytest.mark.parametrize("change, words", [
    ({"lists": None}, "has no 'lists'"),
    ({"guards": {"maybe": []}}, "it may be"),
    ({"entries": [{"id": "en/x", "kind": "earthquake", "say": []}]}, "en/x is not readable"),
    ({"entries": [{"id": "en/x", "kind": "self_harm", "say": ["<nowhere> now"]}]}, "does not exist"),
    ({"entries": [{"id": "en/x", "kind": "self_harm", "say": ["... now"]}]}, "begin and end with a word"),
    ({"entries": [{"id": "en/x", "kind": "self_harm", "say": []}] * 2}, "there twice"),
])
def test_a_wrong_list_is_refused_in_plain_words(change, words):
    document = {key: value for key, value in {**LISTS["en"], **change}.items() if value is not None}
    with pytest.raises(ValueError, match=words):
        EmergencyGate.from_data([document])


def test_no_list_at_all_is_refused():
    with pytest.raises(ValueError, match="empty"):
        EmergencyGate.from_data([])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_says_why_it_is_there_and_shows_both_sides(language):
    for entry in LISTS[language]["entries"]:
        assert all(entry[part] for part in ("why", "examples", "not")), entry["id"]


REPLIES = read("data/emergency/replies.yml")
RESIDENT_TEXTS = [
    pytest.param(kind, language, id=f"{kind.value} {language}") for kind in EmergencyKind for language in LANGUAGES
]


@pytest.mark.parametrize("kind, language", RESIDENT_TEXTS)
def test_a_reply_is_short_says_where_to_call_and_that_nobody_was_sent(kind, language):
    text = REPLIES["replies"][kind.value][language]
    assert len(text.split()) <= 80
    assert "[[emergency.number]]" in text
    assert {"en": "This chat is not monitored for emergencies", "es": "Nadie vigila este chat"}[language] in text
    assert any(words in text for words in ("has been sent", "No se ha mandado", "no se ha mandado"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_self_harm_reply_and_the_notice_name_the_crisis_line(language):
    assert "[[emergency.crisis_line]]" in REPLIES["replies"]["self_harm"][language]
    assert "[[emergency.crisis_line]]" in REPLIES["notice"][language]
    assert "[[emergency.text_to]]" in REPLIES["text_to"][language]


@pytest.mark.parametrize("kind, language", RESIDENT_TEXTS)
def test_the_training_topic_answers_with_the_same_words(kind, language):
    topics = {topic["topic"]: topic for topic in read("data/nlu/emergency.yml")["topics"]}
    assert topics[kind.value]["answer"][language] == REPLIES["replies"][kind.value][language]
