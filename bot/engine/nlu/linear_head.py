"""Softmax regression on sentence vectors: a few dozen examples a topic are enough, and training takes seconds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

# Inverse regularisation; a looser fit gains on the topics' own examples and loses on strangers' messages (docs/nlu.md).
STRENGTH = 1.0
_MOST_STEPS = 300
# A tighter stop costs half as much time again and changes no answer in a hundred.
_TOLERANCE = 3e-3


class LinearHead:
    """A weight matrix an encoder (float32, classes x dimension) and a bias; works with the encoders that are there."""

    def __init__(self, weights: dict[str, NDArray[np.float32]], bias: NDArray[np.float32]) -> None:
        self.weights = weights
        self.bias = bias

    @classmethod
    def fitted(
        cls, vectors: dict[str, NDArray[np.float32]], labels: NDArray[np.int64], *, classes: int
    ) -> "LinearHead":
        """`vectors`: encoder -> n x dimension; `labels`: class indices; a class without a row can never win.

        Always from zero: begun at an earlier head it would stop before a few new examples had moved it.
        """
        joined = np.hstack([vectors[name] for name in sorted(vectors)])
        model = LogisticRegression(C=STRENGTH, max_iter=_MOST_STEPS, tol=_TOLERANCE).fit(joined, labels)
        weights = np.zeros((classes, joined.shape[1]), np.float32)
        bias = np.full(classes, -30.0, np.float32)
        weights[model.classes_] = model.coef_
        bias[model.classes_] = model.intercept_
        edges = np.cumsum([vectors[name].shape[1] for name in sorted(vectors)])[:-1]
        return cls(dict(zip(sorted(vectors), np.split(weights, edges, axis=1), strict=False)), bias)

    def log_probabilities(self, vectors: dict[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        """Normalised log probabilities, n x classes, from the encoders in `vectors` that this head knows."""
        used: Sequence[str] = [name for name in self.weights if name in vectors]
        scores = self.bias + sum(vectors[name] @ self.weights[name].T for name in used)
        scores = np.asarray(scores, np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))
