"""What the assistant does with a ranking: answer, choices, a redirect, a notice, or an emergency."""

import pytest

from bot.core.decision import Decision, Thresholds, decide, offer, weigh
from bot.core.outcome import Outcome

THRESHOLDS = Thresholds(answer=0.6, redirect=0.5, choices=0.4, emergency=0.4, notice=0.15)
FORMS = {"case/report_status": "leave_message"}


def decided(*ranking: tuple[str, float]) -> Decision:
    return decide(ranking, THRESHOLDS, forms=FORMS)


@pytest.mark.parametrize(
    "first, outcome",
    [
        ("records/crash_report", Outcome.ANSWER),
        ("case/report_status", Outcome.FORM),
        ("chat/human_handoff", Outcome.HANDOFF),
        ("chat/courtesy", Outcome.SMALLTALK),
    ],
)
def test_a_sure_first_topic_is_answered_as_what_it_is(first: str, outcome: Outcome) -> None:
    decision = decided((first, 0.7), ("report/collision", 0.2))
    assert (decision.outcome, decision.topic, decision.confidence) == (outcome, first, 0.7)


def test_an_unsure_first_topic_is_offered_with_those_near_it() -> None:
    decision = decided(("report/theft", 0.4), ("report/lost_property", 0.3), ("report/noise", 0.01))
    assert decision.outcome is Outcome.CHOICES
    assert decision.choices == (("report/theft", 0.4), ("report/lost_property", 0.3))


def test_choices_that_hold_too_little_are_not_offered() -> None:
    assert decided(*((f"report/t{i}", 0.05) for i in range(20))).outcome is Outcome.NO_ANSWER


def test_out_of_scope_topics_add_up_to_a_redirect_to_the_likeliest() -> None:
    decision = decided(("oos/general", 0.3), ("report/theft", 0.25), ("oos/legal_advice", 0.25))
    assert (decision.outcome, decision.topic) == (Outcome.NO_ANSWER, "oos/general")


def test_beside_a_redirect_stand_the_nearest_topics_of_ours() -> None:
    decision = decided(("oos/legal_advice", 0.6), ("report/theft", 0.2), ("report/noise", 0.1), ("tickets/pay", 0.05))
    assert decision.outcome is Outcome.NO_ANSWER
    assert decision.choices == (("report/theft", 0.2), ("report/noise", 0.1))


@pytest.mark.parametrize("redirect, near", [("oos/general", 0.05), ("safety/prompt_injection", 0.3)])
def test_nothing_stands_beside_a_sure_redirect_or_an_attack(redirect: str, near: float) -> None:
    assert decided((redirect, 0.6), ("report/theft", near), ("report/noise", 0.01)).choices == ()


def test_out_of_scope_topics_are_never_offered() -> None:
    decision = decided(("oos/general", 0.35), ("report/theft", 0.3), ("report/noise", 0.2))
    assert [topic for topic, _ in decision.choices] == ["report/theft", "report/noise"]


def test_emergency_topics_add_up() -> None:
    decision = decided(("report/assault", 0.5), ("emergency/crime_in_progress", 0.25), ("emergency/fire_medical", 0.2))
    assert (decision.outcome, decision.topic) == (Outcome.EMERGENCY, "emergency/crime_in_progress")


def test_in_doubt_the_notice_stands_above_the_answer() -> None:
    decision = decided(("report/assault", 0.7), ("emergency/crime_in_progress", 0.2))
    assert (decision.outcome, decision.topic, decision.notice) == (Outcome.ANSWER, "report/assault", True)


def test_an_emergency_too_unlikely_for_the_notice_still_offers_no_emergency_button() -> None:
    ranking = (("emergency/fire_medical", 0.14), ("report/noise", 0.1), ("report/animal", 0.1))
    assert all(not topic.startswith("emergency/") for topic, _ in weigh(ranking).offered)


def test_an_empty_ranking_is_no_answer() -> None:
    assert decided() == Decision(Outcome.NO_ANSWER, None, 0.0)


def test_two_to_four_are_offered() -> None:
    assert len(offer([("a/a", 0.5), ("a/b", 0.001), ("a/c", 0.001)])) == 2
    assert len(offer([(f"a/{i}", 0.1) for i in range(9)])) == 4
