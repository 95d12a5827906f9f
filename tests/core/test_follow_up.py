"""Short questions that ask on about the last answer, with the project's own words for them."""

from pathlib import Path

import pytest
import yaml

from bot.core.follow_up import Assumed, Before, FollowUp, Said, assume
from bot.core.outcome import Outcome
from bot.training.topic_files import read_topics
from tests.core.phrasing_data import FOLDER, phrasing

CRASH = "records/crash_report"


@pytest.mark.parametrize(
    "text, kind",
    [
        ("how much does it cost?", "cost"),
        ("How much", "cost"),
        ("is there a fee?", "cost"),
        ("do they take credit cards", "cost"),
        ("And on Sundays?", "days"),
        ("what about weekends", "days"),
        ("where do i go for that", "place"),
        ("how long does it take", "duration"),
        ("do i need an appointment", "appointment"),
        ("can I do it online?", "way"),
        ("what do i bring", "bring"),
        ("can someone else pick it up", "who"),
        ("who do i call about it", "number"),
        ("thanks! and what's the fee", "cost"),
        ("¿Cuánto cuesta?", "cost"),
        ("¿y los domingos?", "days"),
        ("¿cuánto tarda?", "duration"),
        ("necesito cita", "appointment"),
        ("¿lo puedo hacer por internet?", "way"),
        ("qué tengo que llevar", "bring"),
        ("¿dónde queda?", "place"),
    ],
)
def test_a_question_without_a_matter_of_its_own_asks_on(text: str, kind: str):
    found = phrasing().follow_up(text)
    assert found
    assert kind in found.kinds


@pytest.mark.parametrize(
    "text",
    [
        "how much is a parking ticket", "can i pay my ticket online", "where is my car", "where is my daughter",
        "what is the fee for fingerprints", "can i talk to a person", "thanks", "ok", "yes", "hello", "he has a gun",
        "who are you", "what time is it", "quién es usted", "qué hora es", "otra persona", "cuánto cuesta una multa",
        "dónde está mi carro", "gracias", "sí", "hay alguien en mi casa", "911", "?", "",
    ],
)  # fmt: skip
def test_a_message_that_names_its_matter_or_asks_nothing_does_not(text: str):
    assert phrasing().follow_up(text) is None


def test_most_follow_ups_are_recognised():
    written = yaml.safe_load((Path(__file__).parent / "follow_ups.yml").read_text("utf-8"))
    for texts in written.values():
        assert len(texts) >= 40
        assert sum(phrasing().follow_up(text) is not None for text in texts) / len(texts) >= 0.95


def test_next_to_none_of_the_topics_own_examples_asks_on():
    texts = [
        text for topic in read_topics(FOLDER.parent / "nlu") for texts in topic.examples.values() for text in texts
    ]
    asking = [text for text in texts if phrasing().follow_up(text)]
    assert len(asking) / len(texts) < 0.003, asking


COST, SUNDAYS = FollowUp(("cost",), points=False), FollowUp(("days",), points=True)


@pytest.mark.parametrize(
    "follow_up, before, assumed",
    [
        (COST, Before(CRASH), Assumed(CRASH, ("cost",))),
        (SUNDAYS, Before(CRASH, ("cost",)), Assumed(CRASH, ("cost", "days"))),
        (COST, Before(CRASH, ("cost", "days")), Assumed(CRASH, ("cost", "days"), again=True)),
        (COST, Before(), None),
        (None, Before(CRASH), None),
    ],
)
def test_what_is_assumed(follow_up: FollowUp | None, before: Before, assumed: Assumed | None):
    assert assume(Said(follow_up), before, outcome=Outcome.NO_ANSWER, confidence=0.4) == assumed


@pytest.mark.parametrize(
    "follow_up, outcome, confidence, is_assumed",
    [
        (COST, Outcome.ANSWER, 0.97, True),
        (COST, Outcome.ANSWER, 0.99, False),
        (SUNDAYS, Outcome.ANSWER, 0.99, True),
        (COST, Outcome.NO_ANSWER, 0.99, True),
        (SUNDAYS, Outcome.EMERGENCY, 0.6, False),
    ],
)
def test_what_stands_alone_is_understood_alone(
    follow_up: FollowUp, outcome: Outcome, confidence: float, is_assumed: bool
):
    found = assume(Said(follow_up), Before(CRASH), outcome=outcome, confidence=confidence)
    assert (found is not None) is is_assumed


@pytest.mark.parametrize(
    "text, place",
    [("the first one", 0), ("2", 1), ("La tercera.", 2), ("Número cuatro", 3), ("the first of May", None)],
)
def test_a_choice_is_picked_by_its_place(text: str, place: int | None):
    assert phrasing().pick(text) == place


def test_a_place_that_was_not_offered_is_not_picked():
    offered = Before(offered=("report/theft", "report/noise"))
    assert assume(Said(pick=1), offered, outcome=Outcome.NO_ANSWER, confidence=0.1) == Assumed("report/noise")
    assert assume(Said(pick=2), offered, outcome=Outcome.NO_ANSWER, confidence=0.1) is None
