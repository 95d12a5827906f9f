"""Whether two parts are two matters."""

import pytest

from bot.core.matters import best_other, danger_of, two_matters

Ranking = list[tuple[str, float]]


def sure(topic: str, p: float = 0.9) -> Ranking:
    return [(topic, p), ("case/report_status", 1 - p)]


WHOLE = [("report/theft", 0.5), ("tickets/pay", 0.2), ("report/noise", 0.02)]


def topics(*parts: Ranking, loose: bool = False, whole: Ranking = WHOLE) -> list[str] | None:
    found = two_matters(whole, parts, loose=loose)
    return [topic for topic, _ in found] if found else None


@pytest.mark.parametrize(
    "parts, expected",
    [
        ([sure("tickets/pay"), sure("report/theft")], ["tickets/pay", "report/theft"]),
        ([sure("report/theft"), sure("report/theft")], None),
        ([sure("report/theft"), sure("tickets/pay", 0.45)], None),
        ([sure("report/theft"), sure("tickets/pay"), sure("report/noise")], ["report/theft", "tickets/pay"]),
        ([sure("report/theft"), sure("report/theft"), sure("report/noise")], ["report/theft", "report/noise"]),
        ([sure("chat/courtesy"), sure("report/theft")], None),
        ([sure("safety/prompt_injection"), sure("report/theft")], None),
        ([sure("report/theft"), sure("emergency/fire_medical")], None),
        ([sure("report/theft"), sure("oos/legal_advice")], ["report/theft", "oos/legal_advice"]),
        ([sure("oos/legal_advice"), sure("report/theft")], ["report/theft", "oos/legal_advice"]),
        ([sure("oos/legal_advice"), sure("oos/other_government")], None),
        ([sure("report/theft"), sure("oos/general")], None),
        ([sure("report/theft"), []], None),
    ],
)
def test_two_sure_and_different_parts_are_two_matters(parts: list[Ranking], expected: list[str] | None):
    assert topics(*parts) == expected


def test_parts_joined_by_an_and_have_to_be_surer_and_borne_out_by_the_whole():
    assert topics(sure("report/theft"), sure("tickets/pay"), loose=True)
    assert topics(sure("report/theft"), sure("tickets/pay", 0.7), loose=True) is None
    assert topics(sure("report/theft"), sure("report/noise"), loose=True) is None


def test_the_danger_of_a_part_is_that_of_all_emergency_topics():
    ranking = [("report/theft", 0.7), ("emergency/fire_medical", 0.2), ("emergency/crime_in_progress", 0.1)]
    assert danger_of(ranking) == pytest.approx(0.3)
    assert danger_of([]) == 0.0


@pytest.mark.parametrize(
    "ranking, other",
    [
        ([("report/theft", 0.6), ("tickets/pay", 0.3)], "tickets/pay"),
        ([("tickets/pay", 0.3), ("report/theft", 0.3)], "tickets/pay"),
        ([("tickets/pay", 0.2)], None),
        ([("oos/general", 0.6), ("chat/courtesy", 0.3), ("emergency/fire_medical", 0.3)], None),
    ],
)
def test_the_best_other_topic_is_a_plausible_one_of_ours(ranking: Ranking, other: str | None):
    assert best_other(ranking, "report/theft") == other
