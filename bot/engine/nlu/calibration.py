"""Making a probability mean what it says: temperature scaling (Guo et al. 2017, https://arxiv.org/abs/1706.04599)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

# An example is written to be unlike the others of its topic; what people send is more like them, and several topics
# may serve it. The divisor that fits messages is this share of the one that fits held-out examples (docs/nlu.md).
MESSAGES = 0.64
# Of what people send, about one message in a hundred is about nothing that it seems to be; no topic is more certain.
FLOOR = 0.01


def fit_temperature(logs: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The divisor of log probabilities (n x classes) that makes out-of-fold `labels` likeliest; between 0.1 and 10."""
    found = minimize_scalar(
        lambda power: _surprise(logs / np.exp(power), labels), bounds=(np.log(0.1), np.log(10.0)), method="bounded"
    )
    return float(np.exp(found.x))


def of_messages(logs: NDArray[np.float64], temperature: float, prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fused logs (n x classes) to the probabilities that are decided on. `prior`: log odds, one a class."""
    return (1 - FLOOR) * softmax(logs / temperature + prior) + FLOOR / logs.shape[1]


def softmax(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of logs to rows of probabilities."""
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def calibration_error(confidence: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 10) -> float:
    """Expected calibration error: mean |confidence - share correct| over equal-width bins, weighted by their counts."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == bin_].mean() - correct[place == bin_].mean()) * (place == bin_).sum()
        for bin_ in np.unique(place)
    ]
    return float(sum(gaps) / max(len(confidence), 1))


def _surprise(logs: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    probabilities = softmax(logs)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(probabilities, 1e-12)).mean())
