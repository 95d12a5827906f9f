"""What the desk adds to an engine's answer: what the message was taken to be about, and what else it asked."""

from datetime import date
from pathlib import Path

import pytest

from bot.core.message import Button
from bot.department_files import read_department, read_words
from bot.desk.answers import Answers
from bot.desk.engine import EngineAnswer, EngineReply

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)


def about(title: str, spanish: str, owner: str = "records") -> dict[str, object]:
    return {
        "title": {"en": title, "es": spanish}, "owner": owner, "source": "https://www.example.org",
        "reviewed_on": "2026-11-02", "review_days": 365,
    }  # fmt: skip


TOPICS = {
    "records/crash_report": about("Get a crash report", "Obtener un reporte de choque"),
    "tickets/pay": about("Pay a ticket", "Pagar una multa", "traffic"),
    "oos/other_government": about("Other public offices", "Otras oficinas públicas", "front_counter"),
}


def said(text: str = "Pay $8.", language: str = "en", **answer: object) -> tuple[str, tuple[Button, ...]]:
    """The text and buttons that a resident reads where the engine answered with the topic crash_report."""
    fields = {"topic": "records/crash_report", "outcome": "answer", **answer}
    reply = EngineReply(text, fields["topic"])  # type: ignore[arg-type]
    given = EngineAnswer((reply,), [], False, language, confidence=0.9, **fields)  # type: ignore[arg-type]
    answers = Answers(read_words(ROOT, read_department(ROOT)), lambda _: TOPICS)
    (found,) = answers.replies(given, [], release="r", today=TODAY, noticed=False)
    return found.text, found.buttons


def test_an_answer_says_nothing_of_topics_that_nobody_assumed():
    text, buttons = said()
    assert text.startswith("Pay $8.\n\nSource: ")
    assert buttons == ()


@pytest.mark.parametrize(
    "language, line, person",
    [
        ("en", "I take this to be about: Get a crash report.", "Talk to a person"),
        ("es", "Entiendo que se refiere a: Obtener un reporte de choque.", "Hablar con una persona"),
    ],
)
def test_an_assumed_topic_is_said_first_and_a_person_offered(language: str, line: str, person: str):
    text, buttons = said(language=language, assumed="records/crash_report")
    assert text.startswith(f"{line}\n\nPay $8.")
    assert buttons == (Button(person, command="human"),)


@pytest.mark.parametrize(
    "language, also, line",
    [
        ("en", "tickets/pay", "You also asked about: Pay a ticket. Press its button for that answer."),
        ("es", "tickets/pay", "También preguntó por: Pagar una multa. Oprima su botón para ver esa respuesta."),
        (
            "en",
            "oos/other_government",
            "The other part of your message is not ours to answer. "
            "Press 'Other public offices' for what I can say about it.",
        ),
    ],
)
def test_a_second_matter_is_said_last(language: str, also: str, line: str):
    text, _ = said(language=language, also_topic=also)
    assert text.startswith("Pay $8.")
    assert text.endswith(f"\n\n{line}")


def test_what_is_asked_again_goes_to_the_unit_by_name_and_phone():
    text, _ = said(
        "[[topic]]: ask [[unit]], [[unit_phone]].", topic=None, outcome="no_answer", assumed="records/crash_report"
    )
    assert text == "Get a crash report: ask Records Unit, 555-0102."
