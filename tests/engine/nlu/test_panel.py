"""Head, examples and letters weighed together; what is missing leaves its share to the others."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import NEAREST, Neighbours
from bot.engine.nlu.panel import ENOUGH, WEIGHTS, Panel, Weights, parts_of

SPOKEN = np.repeat(np.eye(4, dtype=np.float32)[:3], NEAREST, axis=0)
LABELS = np.repeat(np.arange(3), NEAREST)
FLAT = np.log(np.full((1, 3), 1 / 3))
HEAD = LinearHead({"use": np.zeros((3, 4), np.float32)}, np.zeros(3, np.float32))
HALVES = Weights(head=0.2, letters=0.3, near={"use:en": 0.25, "use:rest": 0.25})


def panel(**near: Neighbours) -> Panel:
    return Panel(HEAD, {name.replace("_", ":"): each for name, each in near.items()}, HALVES)


def examples(*classes: int) -> Neighbours:
    kept = np.isin(LABELS, classes)
    return Neighbours.fitted(SPOKEN[kept], LABELS[kept], classes=3)


def fused(chosen: Panel, message: NDArray[np.float32]) -> NDArray[np.float64]:
    return chosen.fuse({"use": message}, FLAT, {})[0]


@pytest.mark.parametrize("route", WEIGHTS)
def test_shares_add_up_to_one(route: str) -> None:
    weights = WEIGHTS[route]
    assert weights.head + weights.letters + sum(weights.near.values()) == pytest.approx(1)
    assert {parts_of(group)[0] for group in weights.near} <= {"minilm", "use"}


def test_with_few_examples_the_nearest_of_them_weigh_more_than_the_letters() -> None:
    few = HALVES.learnt_from(ENOUGH / 2)
    assert (few.head, few.letters) == (HALVES.head, pytest.approx(HALVES.letters / 2))
    assert few.near == pytest.approx({"use:en": 0.325, "use:rest": 0.325})
    assert HALVES.learnt_from(ENOUGH) == HALVES.learnt_from(ENOUGH * 9) == HALVES


def test_without_a_known_encoder_the_letters_decide_alone() -> None:
    assert (panel(use_en=examples(0, 1, 2)).fuse({"minilm": np.zeros((1, 4), np.float32)}, FLAT, {}) == FLAT).all()


def test_a_topic_with_examples_in_one_language_only_is_as_likely_as_one_with_both() -> None:
    message = np.array([[0.5, 0.5, 0.5, 0.5]], np.float32)
    both = panel(use_en=examples(0, 1, 2), use_rest=examples(0, 1))
    assert fused(both, message) == pytest.approx(np.full(3, fused(both, message)[0]), abs=1e-5)


def test_a_missing_group_leaves_its_share_to_the_other() -> None:
    message = np.array([[1, 0, 0, 0]], np.float32)
    alone, twice = panel(use_en=examples(0, 1, 2)), panel(use_en=examples(0, 1, 2), use_rest=examples(0, 1, 2))
    assert fused(alone, message) == pytest.approx(fused(twice, message))


def test_votes_heard_before_are_not_asked_for_again() -> None:
    heard = {"use:en": np.array([[0.0, 0.0, 50.0]])}
    said = panel(use_en=examples(0, 1, 2)).fuse({"use": np.array([[1, 0, 0, 0]], np.float32)}, FLAT, heard)
    assert said.argmax() == 2
