"""Letters: what a topic's number of examples must not decide, and that the table is read as it was made."""

import numpy as np
import pytest

from bot.engine.nlu.sparse import LetterFeatures, NaiveBayes, count

FEW = ["the car was towed", "where is my towed car", "tow yard hours"]
WORDS = ["my rent", "a lawsuit", "the school", "tax forms", "water bill", "a passport", "bus times", "zoning rules"]
MANY = [f"{one} and {other}" for one in WORDS for other in WORDS if one != other]


def letters(texts: list[str], labels: list[int]) -> tuple[LetterFeatures, NaiveBayes]:
    counts = count(texts)
    features = LetterFeatures.fitted(counts)
    return features, NaiveBayes.fitted(features.rows(counts), np.array(labels), classes=2)


def test_many_examples_do_not_win_a_message_that_is_new_to_all() -> None:
    features, bayes = letters(FEW + MANY, [0] * len(FEW) + [1] * len(MANY))
    told = "yesterday evening somebody from that garage towed it, i only went in for milk and bread, six minutes"
    (logs,) = bayes.log_probabilities(features.rows(count([told])))
    assert logs.argmax() == 0


def test_rows_are_distributions() -> None:
    features, bayes = letters(FEW + MANY, [0] * len(FEW) + [1] * len(MANY))
    logs = bayes.log_probabilities(features.rows(count(["a", "towed", "ñandú 東京"])))
    assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(3))
