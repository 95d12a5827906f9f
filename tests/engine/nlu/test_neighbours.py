"""The vote of the nearest examples, and a panel that is kept and read again."""

import numpy as np
import pytest

from bot.engine.nlu.neighbours import Neighbours
from bot.engine.nlu.panel import Panel

EXAMPLES = np.eye(6, dtype=np.float32)
LABELS = np.array([0, 0, 1, 1, 1, 2])


def test_the_class_of_the_nearest_examples_is_likeliest() -> None:
    message = np.array([[0, 0, 0.6, 0.6, 0.5, 0.1]], np.float32)
    assert Neighbours(EXAMPLES, LABELS, classes=4).log_probabilities(message).argmax() == 1


def test_each_row_is_a_distribution_whatever_the_number_of_messages() -> None:
    messages = np.random.default_rng(0).normal(size=(600, 6)).astype(np.float32)
    logs = Neighbours(EXAMPLES, LABELS, classes=3).log_probabilities(messages)
    assert logs.shape == (600, 3)
    assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(600))


def test_a_class_without_examples_comes_last() -> None:
    logs = Neighbours(EXAMPLES, LABELS, classes=4).log_probabilities(EXAMPLES)
    assert (logs.argmin(axis=1) == 3).all()


def test_a_panel_read_again_says_nearly_the_same() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(60, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    panel = Panel.fitted({"use": vectors}, np.arange(60) % 3, classes=3)
    again = Panel.from_arrays(dict(panel.arrays()), classes=3)
    letters = np.log(np.full((60, 3), 1 / 3))
    assert np.allclose(again.fuse({"use": vectors}, letters), panel.fuse({"use": vectors}, letters), atol=0.05)


def test_without_a_known_encoder_the_letters_decide_alone() -> None:
    panel = Panel.fitted({"use": EXAMPLES}, LABELS, classes=3)
    letters = np.log(np.array([[0.2, 0.3, 0.5]]))
    assert (panel.fuse({"minilm": np.zeros((1, 4), np.float32)}, letters) == letters).all()
