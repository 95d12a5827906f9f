"""Softmax regression on sentence vectors: a few dozen examples a topic are enough, and training takes seconds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.axes import principal_axes

# Inverse regularisation; a looser fit gains on the topics' own examples and loses on strangers' messages (docs/nlu.md).
STRENGTH = 1.0
_MOST_STEPS = 300
# A tighter stop costs half as much time again and changes no answer in a hundred.
_TOLERANCE = 3e-3
# Fitted along the axes on which the examples differ most: a third of the time, and as good (docs/nlu.md).
AXES = 192


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
        from sklearn.linear_model import LogisticRegression  # a tenth of a second that only a training has to spend

        joined = np.hstack([vectors[name] for name in sorted(vectors)])
        axes = principal_axes(joined, AXES)
        model = LogisticRegression(C=STRENGTH, max_iter=_MOST_STEPS, tol=_TOLERANCE).fit(joined @ axes, labels)
        weights = np.zeros((classes, joined.shape[1]), np.float32)
        bias = np.full(classes, -30.0, np.float32)
        weights[model.classes_] = model.coef_ @ axes.T
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
