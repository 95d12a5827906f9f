"""``make bench-nlu`` without its trainings: what is learnt and asked, how stock's words become verdicts, the report."""

import json
from pathlib import Path

import pytest

from benchmarks.nlu import figures
from benchmarks.nlu.anchors import read_anchors
from benchmarks.nlu.material import draw, with_messages
from bot.core.refused import Refused
from bot.evaluation.label import Label
from tests.training.topics import topic

NOISE, THEFT = topic("report/noise"), topic("report/theft")
LANGUAGES = ["en", "es"]


def test_what_is_held_out_is_learnt_by_nobody_and_the_draw_is_always_the_same():
    material = draw([NOISE, THEFT], languages=LANGUAGES, examples=None)
    (held_out,) = material.asked.values()
    learnt = {text for one in material.topics for texts in one.examples.values() for text in texts}
    assert len(held_out) == 8  # a quarter of ten, twice, in two languages
    assert {label.text for label in held_out}.isdisjoint(learnt)
    assert len(learnt) + len(held_out) == 40
    again = draw([NOISE, THEFT], languages=LANGUAGES, examples=None)
    assert again == material
    assert material.learnt("en") == 16


def test_fewer_examples_ask_the_same_messages():
    whole, small = (draw([NOISE, THEFT], languages=["en"], examples=most) for most in (None, 3))
    assert small.asked == whole.asked
    assert small.learnt("en") == 6


@pytest.mark.parametrize("id_, expected", [
    ("report/noise", "answer"), ("oos/general", "out_of_scope"), ("safety/prompt_attack", "out_of_scope"),
    ("emergency/self_harm", "emergency"), ("chat/courtesy", "smalltalk"), ("chat/human_handoff", "handoff"),
])  # fmt: skip
def test_what_is_expected_of_a_held_out_example(id_: str, expected: str):
    (held_out,) = draw([topic(id_)], languages=["en"], examples=None).asked.values()
    assert {label.expect for label in held_out} == {expected}


def message(**changes: object) -> str:
    facts = {"lang": "en", "topic": "report/noise", "also": [], "expect": "answer", "expect_also": [],
             "provenance": "sms", "text": "it is too loud"}  # fmt: skip
    return json.dumps({**facts, **changes}) + "\n"


def test_messages_of_a_file_that_can_be_asked(tmp_path: Path):
    file = tmp_path / "messages.jsonl"
    material = draw([NOISE], languages=["en"], examples=None)
    learnt = material.topics[0].examples["en"][0]
    lines = [
        message(),
        message(text="another topic's", topic="report/theft"),
        message(text="as right", topic="report/theft", also=["report/noise"]),
        message(text="beyond", topic="report/theft", expect="out_of_scope"),
        message(text=learnt.upper() + "!"),
        message(text="trop de bruit", lang="fr"),
    ]
    file.write_text("".join(lines), encoding="utf-8")
    found = with_messages(material, file, known={"report/noise", "report/theft"})
    assert [label.text for label in found.asked["messages.jsonl"]] == [
        "it is too loud", "as right", "beyond", "trop de bruit"
    ]  # fmt: skip
    # A language without a model of stock's is read by its first one, and stands apart.
    assert [name for name in found.lists("en") if name[0] == "messages.jsonl"] == [
        ("messages.jsonl", "en"), ("messages.jsonl", "fr")
    ]  # fmt: skip


def test_a_bad_file_is_refused_with_its_line(tmp_path: Path):
    file = tmp_path / "messages.jsonl"
    file.write_text(message() + "{", encoding="utf-8")
    with pytest.raises(Refused, match=r"Line 2 of messages.jsonl: it is not JSON\."):
        with_messages(draw([NOISE], languages=["en"], examples=None), file, known={"report/noise"})


def test_anchors_that_are_there_and_those_that_are_not(tmp_path: Path):
    for part, texts, labels in (
        ("train_5", "play jazz\nwake me\n", "music play\nalarm\n"),
        ("test", "a song\n", "music play\n"),
    ):
        (tmp_path / "HWU64" / part).mkdir(parents=True)
        (tmp_path / "HWU64" / part / "seq.in").write_text(texts)
        (tmp_path / "HWU64" / part / "label").write_text(labels)
    (material,), absent = read_anchors(tmp_path, shots=5)
    assert absent == ["CLINC150", "BANKING77"]
    assert [(one.id, one.examples["en"]) for one in material.topics] == [
        ("anchor/music_play", ("play jazz",)), ("anchor/alarm", ("wake me",))
    ]  # fmt: skip
    assert [(one.text, one.topic) for one in material.asked["its test set"]] == [("a song", "anchor/music_play")]
    assert read_anchors(None, shots=5) == ([], ["CLINC150", "BANKING77", "HWU64"])


TOPICS = {"tickets_pay": "tickets/pay", "oos_general": "oos/general", "emergency_self_harm": "emergency/self_harm"}


@pytest.mark.parametrize("name, topic_, outcome", [
    ("tickets_pay", "tickets/pay", "answer"),
    ("tickets/pay", "tickets/pay", "answer"),  # a retrieval intent is a topic's own id
    ("oos_general", "oos/general", "no_answer"),
    ("emergency_self_harm", "emergency/self_harm", "emergency"),
    (None, None, "no_answer"),
])  # fmt: skip
def test_stocks_intent_becomes_an_answer_as_ours(name: str | None, topic_: str | None, outcome: str):
    said = {"fallback": name is None, "name": name, "first": "tickets_pay", "confidence": 0.5, "ms": 8.0}
    found = figures.stock_line(said, TOPICS)
    assert (found["topic"], found["outcome"], found["first"]) == (topic_, outcome, "tickets/pay")


def label(topic_: str, expect: str = "answer") -> Label:
    return Label("text", "en", topic_, (), expect, (), "held_out")


def test_accuracy_is_of_the_first_topic_and_of_what_was_decided():
    labels = [label("tickets/pay"), label("tickets/pay"), label("oos/general", "out_of_scope")]
    said = {"first": "tickets_pay", "confidence": 0.2, "ms": 1.0}
    lines = [figures.stock_line({**said, "name": name}, TOPICS) for name in ("tickets_pay", None, "oos_general")]
    found = figures.accuracy(labels, lines)
    assert (found["first"]["hits"], found["first"]["of"]) == (2, 2)
    shares = {key: (share["hits"], share["of"]) for key, share in found["decided"]["shares"].items()}
    assert (shares["right"], shares["none"], shares["wrong"], shares["refused"]) == ((1, 2), (1, 2), (0, 2), (1, 1))


def test_the_report_names_ratios_and_what_was_not_measured():
    run = {"load_s": 1.0, "start_s": 2.0, "memory_mb": 500.0, "memory_after_mb": 510.0}
    times = [{"ms": 10.0, "cpu_ms": 9.0}]
    took = figures.trainings([{"seconds": 5.0, "cpu_seconds": 4.0, "peak_mb": 400.0}])
    slow = figures.trainings([{"seconds": 50.0, "cpu_seconds": 40.0, "peak_mb": 800.0}] * 2)
    cost = figures.costs(run, times)
    said = {"name": "tickets_pay", "first": "tickets_pay", "confidence": 0.9, "ms": 1.0}
    line = figures.stock_line(said, TOPICS)
    asked = figures.asked({("held out", "en"): [label("tickets/pay")]}, [line], [line])
    result = {
        "load": [1.0],
        "stock_intents": "one intent a topic",
        "stock_epochs": None,
        "anchors_absent": ["HWU64"],
        "materials": [
            {
                "name": "topics",
                "topics": 1,
                "examples": {"en": 10},
                "asked": asked,
                "costs": [figures.pair("en", cost, cost)],
                "training": figures.pair("all languages", took, slow),
                "training_again": {"seconds": 1.0, "cpu_seconds": 1.0},
            }
        ],
    }
    told = "\n".join(figures.lines(result))
    assert "training_cpu_s                     4.0 |      80.0 | 20.0" in told
    assert "training_peak_mb                 400.0 |     800.0 | 2.0" in told
    assert "first topic right               1/1    100.0% [20.6%, 100.0%] |    1/1    100.0% [20.6%, 100.0%]" in told
    assert "not measured, no files: HWU64" in told
    assert "epochs" not in told
    shortened = "\n".join(figures.lines(result | {"stock_epochs": 1}))
    assert "Stock learnt for 1 of 100 epochs: its answers and training say nothing." in shortened
