"""What is learnt from examples that a model has not seen: rankings to choose thresholds on, and how good it is."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.core.decision import Scored
from bot.engine.nlu.calibration import calibration_error, of_messages, softmax

MOST_WEIGHED = 8000
HeldOut = Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Route -> (rows, their log probabilities, rows x topics)."""


def rankings(
    topics: Sequence[str],
    labels: NDArray[np.int64],
    held_out: HeldOut,
    temperatures: Mapping[str, float],
    prior: NDArray[np.float64],
) -> tuple[list[list[Scored]], list[str]]:
    """(rankings, right topics) of examples as a model that never saw them ranks the topics: at most MOST_WEIGHED of
    them, evenly drawn, which the thresholds are chosen on."""
    ranked, right = [], []
    for route, (rows, logs) in held_out.items():
        drawn = slice(None, None, -(-len(rows) * len(held_out) // MOST_WEIGHED))
        probabilities = of_messages(logs[drawn], temperatures[route], prior)
        ranked += [[(topics[i], float(row[i])) for i in np.argsort(-row)] for row in probabilities]
        right += [topics[label] for label in labels[rows][drawn]]
    return ranked, right


def figures(
    labels: NDArray[np.int64], held_out: HeldOut, temperatures: Mapping[str, float], prior: NDArray[np.float64]
) -> dict[str, object]:
    """By route, how often the first topic of a held-out example was right, and the calibration error among them."""
    facts: dict[str, object] = {}
    for route, (rows, logs) in held_out.items():
        probabilities = softmax(logs / temperatures[route] + prior)
        hits = probabilities.argmax(axis=1) == labels[rows]
        facts[f"accuracy:{route}"] = round(float(hits.mean()), 4)
        facts[f"calibration_error:{route}"] = round(calibration_error(probabilities.max(axis=1), hits), 4)
    return facts
