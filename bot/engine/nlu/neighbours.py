"""The examples themselves vote: a topic is as likely as the few examples of it nearest to the message are near.

A linear head draws one line a topic; a topic's examples may lie in several places. At a small weight the vote adds a
point or two, and for Spanish more (docs/nlu.md).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

NEAREST = 3
# How fast a vote falls with distance: log odds for a whole unit of cosine.
SHARPNESS = 20.0
_NONE = -1.0
_AT_ONCE = 256


class Neighbours:
    """`vectors`: unit vectors of the examples, float32, n x dimension; `labels`: the class index of each. Kept in the
    order of their classes."""

    def __init__(self, vectors: NDArray[np.float32], labels: NDArray[np.int64], *, classes: int) -> None:
        order = np.argsort(labels, kind="stable")
        self.vectors, self.labels = vectors[order], labels[order]
        self._edges = np.searchsorted(self.labels, np.arange(classes + 1))

    def log_probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Normalised log probabilities, n x classes, for unit vectors n x dimension."""
        parts = [self._vote(vectors[start : start + _AT_ONCE]) for start in range(0, len(vectors), _AT_ONCE)]
        return np.concatenate(parts)

    def _vote(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        near = vectors @ self.vectors.T
        scores = np.full((len(near), len(self._edges) - 1), _NONE * SHARPNESS, np.float64)
        for class_, (start, end) in enumerate(pairwise(self._edges)):
            if start < end:
                scores[:, class_] = _nearest(near[:, start:end]) * SHARPNESS
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def _nearest(near: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each row's NEAREST largest; what a class has too few of counts as far away."""
    have = near.shape[1]
    if have > NEAREST:
        return np.asarray(np.partition(near, have - NEAREST, axis=1)[:, -NEAREST:].mean(axis=1))
    return np.asarray((near.sum(axis=1) + (NEAREST - have) * _NONE) / NEAREST)
