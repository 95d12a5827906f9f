"""How a message is judged: the table that every figure rests on."""

import pytest

from bot.evaluation.confusions import matrix, worst, wrong_messages
from bot.evaluation.reliability import reliability
from bot.evaluation.share import wilson
from bot.evaluation.slices import mean_price, slice_of
from bot.evaluation.spread import spread
from tests.evaluation.answers import answer, judged, label

PAY, COURT, OOS = "tickets/pay", "court/dates_subpoena", "oos/general"
EMERGENCY = {"expect": "emergency", "topic": "emergency/fire_medical"}
OUTSIDE = {"expect": "out_of_scope", "topic": OOS}


@pytest.mark.parametrize("expected, given, verdict", [
    ({}, answer("answer", PAY), "right"),
    ({}, answer("form", PAY), "right"),
    ({"also": (COURT,)}, answer("answer", COURT), "right"),
    ({}, answer("answer", COURT), "wrong"),
    ({}, answer("choices", choices=[COURT, PAY]), "choices"),
    ({}, answer("choices", choices=[COURT, OOS]), "wrong"),
    ({}, answer("no_answer"), "none"),
    ({}, answer("no_answer", OOS), "none"),
    ({}, answer("no_answer", OOS, choices=[COURT, PAY]), "choices"),
    ({}, answer("no_answer", OOS, choices=[COURT]), "none"),
    ({}, answer("handoff"), "none"),
    ({}, answer("emergency", "emergency/fire_medical"), "wrong"),
    ({"expect_also": ("emergency",)}, answer("emergency", "emergency/fire_medical"), "right"),
    ({"topic": "chat/human_handoff", "expect": "handoff"}, answer("handoff", "chat/human_handoff"), "right"),
    ({"topic": "chat/human_handoff", "expect": "handoff"}, answer("handoff"), "right"),  # the desk's own command
    ({"topic": "chat/courtesy", "expect": "smalltalk"}, answer("smalltalk", "chat/courtesy"), "right"),
    (OUTSIDE, answer("no_answer"), "refused"),
    (OUTSIDE, answer("no_answer", OOS, choices=[PAY, COURT]), "refused"),
    (OUTSIDE, answer("handoff"), "refused"),
    (OUTSIDE, answer("answer", "safety/prompt_attack"), "refused"),
    (OUTSIDE, answer("answer", PAY), "answered"),
    (OUTSIDE, answer("choices", choices=[PAY, COURT]), "answered"),
    (EMERGENCY, answer("emergency", "emergency/fire_medical"), "caught"),
    (EMERGENCY, answer("answer", PAY, notice=True), "caught"),
    (EMERGENCY, answer("answer", PAY), "missed"),
])  # fmt: skip
def test_the_verdict_on_a_message(expected, given, verdict):
    from bot.evaluation.verdict import judge

    assert judge(label(**{"topic": PAY, **expected}), given).verdict == verdict


@pytest.mark.parametrize("changes, given, alarm", [
    ({}, answer("emergency"), "emergency"),
    ({}, answer("answer", PAY, notice=True), "notice"),
    ({}, answer("answer", PAY), "calm"),
    ({"also": ("emergency/self_harm",)}, answer("emergency"), None),
    ({"expect_also": ("emergency",)}, answer("emergency"), None),
])  # fmt: skip
def test_a_false_alarm(changes, given, alarm):
    from bot.evaluation.verdict import judge

    assert judge(label(PAY, **changes), given).alarm == alarm


@pytest.mark.parametrize("hits, of, interval", [
    (0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1.0)),
    (255, 385, (0.6137, 0.7078)),
])  # fmt: skip
def test_wilsons_interval(hits, of, interval):
    assert wilson(hits, of) == pytest.approx(interval, abs=1e-4)


MESSAGES = [
    judged(PAY, "answer", PAY),
    judged(PAY, "answer", COURT, said={"confidence": 0.7}),
    judged(PAY, "answer", COURT),
    judged(PAY, "choices", None, said={"choices": [PAY, COURT], "confidence": 0.4}),
    judged(COURT, "choices", None, said={"choices": [OOS, PAY], "confidence": 0.4}),
    judged(COURT, "no_answer", None, said={"confidence": 0.1}),
    judged(OOS, "answer", PAY, expect="out_of_scope"),
    judged("emergency/fire_medical", "answer", PAY, expect="emergency"),
]


def test_the_figures_of_a_slice():
    found = slice_of("all", MESSAGES)
    counted = {key: (share["hits"], share["of"]) for key, share in found["shares"].items()}
    assert counted == {
        "right": (1, 6), "within": (2, 6), "wrong": (3, 6), "none": (1, 6), "refused": (0, 1), "caught": (0, 1),
        "false_emergencies": (0, 7), "false_notices": (0, 7),
    }  # fmt: skip
    assert found["missed_choices"] == 1
    assert found["shares"]["right"]["share"] == 0.1667


def test_the_mean_price_is_of_everything_but_emergencies():
    price = mean_price(MESSAGES)  # 0 + 5 + 5 + 1 + 5 + 2 + 4
    assert (price["mean"], price["of"]) == (3.143, 7)
    assert price["low"] < 3.143 < price["high"]
    assert mean_price(MESSAGES[-1:]) == {"mean": None, "low": None, "high": None, "of": 0}


def test_the_worst_confusions_begin_with_missed_emergencies():
    pairs = [(one["expected"], one["given"], len(one["messages"])) for one in worst(MESSAGES)]
    assert pairs == [
        ("emergency/fire_medical", PAY, 1),
        (PAY, COURT, 2),
        (COURT, "choices without it", 1),
        (OOS, PAY, 1),
    ]
    assert [one["verdict"] for one in wrong_messages(MESSAGES)] == [
        "missed", "wrong", "wrong", "wrong", "answered", "none"
    ]  # fmt: skip


def test_the_table_of_groups():
    found = matrix(MESSAGES)
    assert found["rows"] == ["court", "emergency", "oos", "tickets"]
    assert found["columns"] == [*found["rows"], "choices with it", "choices without it", "no answer"]
    assert found["cells"] == [
        [0, 0, 0, 0, 0, 1, 1],
        [0, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0],
        [2, 0, 0, 1, 1, 0, 0],
    ]


def test_calibration_compares_what_was_said_with_what_was_right():
    found = reliability(MESSAGES)
    assert found["of"] == 7  # the one with neither answer nor choices cannot be compared
    assert [(one["low"], one["said"], one["right"]["hits"], one["right"]["of"]) for one in found["bins"]] == [
        (0.4, 0.4, 1, 2), (0.7, 0.7, 0, 1), (0.9, 0.9, 1, 4)
    ]  # fmt: skip
    assert found["error"] == pytest.approx((0.1 * 2 + 0.7 * 1 + 0.65 * 4) / 7, abs=1e-4)
    assert reliability([]) == {"of": 0, "error": None, "by_chance": None, "bins": []}


def test_few_messages_never_match_even_where_every_confidence_is_right():
    few, many = reliability(MESSAGES), reliability(MESSAGES * 100)
    assert 0.1 < few["by_chance"] < 0.5
    assert 0.0 < many["by_chance"] < few["by_chance"] / 5
    assert reliability(MESSAGES) == few


def test_the_spread_of_times():
    assert spread([float(number) for number in range(1, 101)]) == {"n": 100, "median": 50.5, "p95": 96.0}
    assert spread([7.0]) == {"n": 1, "median": 7.0, "p95": 7.0}
