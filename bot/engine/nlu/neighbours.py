"""The examples themselves vote: a topic is as likely as the few examples of it nearest to the message are near.

A linear head draws one line a topic; a topic's examples may lie in several places. At a small weight the vote adds a
point or two, and for Spanish more (docs/nlu.md).
"""

import numpy as np
from numpy.typing import NDArray

NEAREST = 3
# How fast a vote falls with distance: log odds for a whole unit of cosine.
SHARPNESS = 20.0
_NONE = -1.0
_AT_ONCE = 256


class Neighbours:
    """`vectors`: unit vectors of the examples, float32, n x dimension; `labels`: the class index of each."""

    def __init__(self, vectors: NDArray[np.float32], labels: NDArray[np.int64], *, classes: int) -> None:
        self.vectors = vectors
        self.labels = labels
        self._members = _members(labels, classes)

    def log_probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Normalised log probabilities, n x classes, for unit vectors n x dimension."""
        parts = [self._vote(vectors[start : start + _AT_ONCE]) for start in range(0, len(vectors), _AT_ONCE)]
        return np.concatenate(parts)

    def _vote(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        near = vectors @ self.vectors.T
        # One column more, so that the filling in a class's list of members points at "no example".
        near = np.hstack([near, np.full((len(near), 1), _NONE, near.dtype)])
        of_class = near[:, self._members]
        nearest = np.partition(of_class, -NEAREST, axis=2)[:, :, -NEAREST:]
        scores = np.asarray(nearest.mean(axis=2) * SHARPNESS, np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def _members(labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Row indices of each class (classes x most members), filled up with len(labels)."""
    lists = [np.flatnonzero(labels == class_) for class_ in range(classes)]
    width = max(NEAREST, *(len(rows) for rows in lists))
    filled = np.full((classes, width), len(labels), np.int64)
    for class_, rows in enumerate(lists):
        filled[class_, : len(rows)] = rows
    return filled
