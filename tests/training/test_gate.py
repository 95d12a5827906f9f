"""Which models may become a release."""

from pathlib import Path
from typing import Any

import pytest

from bot.training.gate import Question, golden_questions, is_right, judge, results, topic_questions
from tests.training.topics import topic


def answer(
    topic: str | None = None, outcome: str = "answer", choices: tuple[str, ...] = (), notice: bool = False
) -> Any:
    listed = [{"topic": each, "p": 0.3} for each in choices]
    return {"topic": topic, "outcome": outcome, "choices": listed, "notice": notice}


def golden(outcome: str | None = None, topics: tuple[str, ...] = ("report/noise",)) -> Question:
    return Question("too loud", "en", topics, outcome)


@pytest.mark.parametrize(
    "question, given, right",
    [
        (golden(), answer("report/noise"), True),
        (golden(), answer(outcome="choices", choices=("report/theft", "report/noise")), True),
        (golden(), answer("report/theft"), False),
        (golden("emergency", ()), answer("emergency/fire_medical", "emergency"), True),
        (golden("emergency", ()), answer("report/noise", notice=True), True),
        (golden("emergency", ()), answer("report/noise"), False),
        (golden("handoff", ()), answer("chat/human_handoff", "handoff"), True),
        (golden("no_answer", ()), answer("oos/general", "no_answer"), True),
        (golden("no_answer", ()), answer("report/noise"), False),
        (golden(topics=("oos/general",)), answer(outcome="no_answer"), True),
        (golden(topics=("oos/general",)), answer("oos/legal_advice", "no_answer"), True),
        (golden(topics=("oos/general",)), answer("report/noise"), False),
    ],
)
def test_what_is_right(question: Question, given: Any, right: bool) -> None:
    assert is_right(question, given) is right


def test_one_missed_emergency_closes_the_gate() -> None:
    questions = [golden()] * 50 + [golden("emergency", ())]
    answers = [answer("report/noise")] * 50 + [answer("oos/general", "no_answer")]
    assert [(failure.expected, failure.got) for failure in judge(questions, answers)] == [("emergency", "oos/general")]


def test_a_few_wrong_golden_answers_are_borne_and_many_are_not() -> None:
    questions = [golden()] * 20
    few = [answer("report/noise")] * 18 + [answer("report/theft")] * 2
    many = [answer("report/noise")] * 17 + [answer("report/theft")] * 3
    assert judge(questions, few) == []
    assert len(judge(questions, many)) == 3


def test_a_topic_none_of_whose_examples_lead_to_it_closes_the_gate() -> None:
    questions = topic_questions([topic(), topic("report/theft")])
    swapped = [answer("report/theft")] * len(questions)
    assert [failure.expected for failure in judge(questions, swapped)] == ["report/noise"]


def test_golden_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "first.yml").write_text(
        'questions:\n  - {text: "too loud", language: en, topics: ["report/noise"]}\n'
        '  - {text: "help, fire", outcome: emergency}\n'
    )
    assert golden_questions(tmp_path) == [golden(), Question("help, fire", None, (), "emergency")]


NOISE, THEFT = golden(), Question("my bike is gone", "en", ("report/theft",))
RIGHT = {NOISE: answer("report/noise"), THEFT: answer("report/theft")}
WRONG = answer("report/drugs")


@pytest.mark.parametrize(
    "live, new, lost",
    [
        ({NOISE: True, THEFT: True}, {NOISE: False, THEFT: True}, ["too loud"]),
        ({NOISE: True, THEFT: False}, {NOISE: False, THEFT: True}, []),
        ({NOISE: False, THEFT: False}, {NOISE: False, THEFT: False}, []),
    ],
)
def test_a_model_worse_than_the_live_one_is_refused_and_says_where(live: Any, new: Any, lost: list[str]) -> None:
    def given(right: Any) -> list[Any]:
        return [RIGHT[question] if right[question] else WRONG for question in (NOISE, THEFT)] + [answer("a/b")] * 40

    questions = [NOISE, THEFT, *[Question(f"filler {number}", "en", ("a/b",)) for number in range(40)]]
    before = results(questions, given(live))
    assert [failure.text for failure in judge(questions, given(new), before)] == lost


def test_a_question_that_expects_something_else_now_is_not_compared() -> None:
    before = results([Question("too loud", "en", ("report/drugs",))], [answer("report/drugs")])
    others = [Question(f"filler {number}", "en", ("a/b",)) for number in range(40)]
    assert judge([NOISE, *others], [WRONG, *[answer("a/b")] * 40], before) == []
