"""Thresholds follow the prices, and their table counts as core.decision decides."""

from dataclasses import replace

import numpy as np

from bot.core.decision import Scored, decide, group_of
from bot.core.outcome import Outcome
from bot.engine.nlu.thresholds import Prices, choose_thresholds

TOPICS = ["report/theft", "report/noise", "records/crash_report", "oos/general", "emergency/fire_medical"]


def rankings(accuracy: float, count: int = 400) -> tuple[list[list[Scored]], list[str]]:
    """Made-up out-of-fold predictions whose first topic is right with a probability near its own."""
    random = np.random.default_rng(0)
    made, right = [], []
    for _ in range(count):
        powers = np.exp(random.normal(size=len(TOPICS)) * accuracy)
        p = powers / powers.sum()
        right.append(TOPICS[random.choice(len(TOPICS), p=p)])
        made.append([(TOPICS[i], float(p[i])) for i in np.argsort(-p)])
    return made, right


def spent(made: list[list[Scored]], right: list[str], prices: Prices, answer_price: float) -> float:
    """Points per message in scope, decided one by one."""
    thresholds = choose_thresholds(made, right, replace(prices, wrong=answer_price), buttons={})
    total = 0.0
    for ranking, topic in zip(made, right, strict=True):
        if group_of(topic) in ("oos", "emergency"):
            continue
        decision = decide(ranking, thresholds, forms={})
        if decision.outcome is Outcome.ANSWER:
            total += 0 if decision.topic == topic else prices.wrong
        elif decision.outcome is Outcome.CHOICES:
            inside = topic in [offered for offered, _ in decision.choices]
            total += prices.choices if inside else prices.missed_choices
        elif decision.outcome is Outcome.NO_ANSWER:
            total += prices.no_answer
    return total


def test_a_dearer_wrong_answer_raises_the_threshold() -> None:
    made, right = rankings(2.0)
    cheap = choose_thresholds(made, right, Prices(wrong=1.5), buttons={})
    dear = choose_thresholds(made, right, Prices(wrong=20), buttons={})
    assert cheap.answer < dear.answer


def test_the_chosen_thresholds_cost_less_than_those_for_another_price() -> None:
    made, right = rankings(2.0)
    prices = Prices(out_of_scope_share=0.2)
    assert spent(made, right, prices, 5.0) <= spent(made, right, prices, 50.0)


def test_a_button_to_the_right_topic_makes_a_wrong_answer_cheaper() -> None:
    made, right = rankings(1.5)
    buttons = {topic: [other for other in TOPICS if other != topic] for topic in TOPICS}
    alone = choose_thresholds(made, right, Prices(), buttons={})
    assert choose_thresholds(made, right, Prices(), buttons=buttons).answer < alone.answer


def test_without_a_topic_out_of_scope_its_share_still_counts() -> None:
    random = np.random.default_rng(0)
    topics = [f"report/topic_{number}" for number in range(12)]
    made, right = [], []
    for number in range(600):
        powers = np.exp(random.normal(size=len(topics)) * 1.5)
        powers[number % len(topics)] *= 20
        p = powers / powers.sum()
        right.append(topics[random.choice(len(topics), p=p)])
        made.append([(topics[i], float(p[i])) for i in np.argsort(-p)])
    careful = choose_thresholds(made, right, Prices(out_of_scope_share=0.3), buttons={})
    careless = choose_thresholds(made, right, Prices(out_of_scope_share=0.0001), buttons={})
    assert careful.answer > careless.answer
    assert careful.choices > careless.choices


def test_prices_under_which_choices_gain_nothing_still_give_thresholds() -> None:
    made, right = rankings(2.0)
    assert 0 < choose_thresholds(made, right, Prices(choices=3.0, missed_choices=3.0), buttons={}).answer < 1


def test_emergency_thresholds_keep_false_alarms_within_their_bounds() -> None:
    made, right = rankings(3.0)
    thresholds = choose_thresholds(made, right, Prices(), buttons={})
    assert 0.1 <= thresholds.notice <= thresholds.emergency <= 0.9
