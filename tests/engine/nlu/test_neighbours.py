"""The votes of the nearest examples, kept and read again."""

import numpy as np

from bot.engine.nlu.neighbours import SHARPNESS, Neighbours

EXAMPLES = np.eye(6, dtype=np.float32)
LABELS = np.array([0, 0, 1, 1, 1, 2])


def test_the_class_of_the_nearest_examples_is_likeliest() -> None:
    message = np.array([[0, 0, 0.6, 0.6, 0.5, 0.1]], np.float32)
    assert Neighbours.fitted(EXAMPLES, LABELS, classes=4).votes(message).argmax() == 1


def test_each_message_is_voted_on_by_itself_whatever_their_number() -> None:
    messages = np.random.default_rng(0).normal(size=(600, 6)).astype(np.float32)
    neighbours = Neighbours.fitted(EXAMPLES, LABELS, classes=3)
    assert np.allclose(neighbours.votes(messages)[599], neighbours.votes(messages[599:])[0], atol=1e-5)
    assert neighbours.votes(messages[:0]).shape == (0, 3)


def test_a_class_without_examples_comes_last_and_few_are_not_known() -> None:
    neighbours = Neighbours.fitted(EXAMPLES, LABELS, classes=4)
    assert (neighbours.votes(EXAMPLES).argmin(axis=1) == 3).all()
    assert neighbours.knows.tolist() == [False, True, False, False]


def test_neighbours_read_again_say_the_same() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    neighbours = Neighbours.fitted(vectors, np.arange(60) % 3, classes=3)
    again = Neighbours.from_arrays(dict(neighbours.arrays()), classes=3)
    assert np.allclose(again.votes(vectors), neighbours.votes(vectors), atol=1e-4)


def test_examples_exactly_as_near_each_count() -> None:
    examples = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    neighbours = Neighbours.fitted(examples, np.array([0, 0, 0, 1, 1, 1]), classes=2)
    even = np.full((1, 3), 3**-0.5, np.float32)
    assert np.allclose(neighbours.votes(even), neighbours.votes(even)[0, 0], atol=1e-3)
    assert np.allclose(neighbours.votes(even), SHARPNESS * 3**-0.5, atol=0.2)


def test_many_messages_at_once_are_voted_on_as_one_at_a_time() -> None:
    examples = np.repeat(np.eye(6, dtype=np.float32), [1, 2, 3, 4, 1, 5], axis=0)  # some twice: as near each
    neighbours = Neighbours.fitted(examples, np.array([0] * 2 + [1] * 5 + [2] * 9), classes=4)
    messages = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    one_at_a_time = np.concatenate([neighbours.votes(message[None]) for message in messages])
    assert np.allclose(neighbours.votes(messages), one_at_a_time, atol=1e-4)
