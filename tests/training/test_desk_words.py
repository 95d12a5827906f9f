"""What the gate takes from the desk's own lists."""

from pathlib import Path

import pytest

from bot.training.desk_words import DeskWords
from bot.training.gate import Question, is_right

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def desk() -> DeskWords:
    return DeskWords.read(DATA)


def test_every_entry_of_the_emergency_lists_is_a_golden_question_that_the_desk_stops(desk: DeskWords) -> None:
    questions = list(desk.questions())
    assert len(questions) > 200
    answers = [(question, desk.answer(question)) for question in questions]
    assert [question.text for question, answer in answers if answer is None or not is_right(question, answer)] == []


@pytest.mark.parametrize("text, outcome", [("human", "handoff"), ("how do i pay a ticket", None)])
def test_the_word_for_a_person_needs_no_model(desk: DeskWords, text: str, outcome: str | None) -> None:
    answer = desk.answer(Question(text, "en", ()))
    assert (answer and answer["outcome"]) == outcome
