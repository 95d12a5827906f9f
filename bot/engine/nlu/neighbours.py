"""The examples themselves vote: a topic is as likely as the few examples of it nearest to the message are near.

A linear head draws one line a topic; a topic's examples may lie in several places (docs/nlu.md has what it adds).
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.axes import principal_axes

NEAREST = 3
# How fast a vote falls with distance: log odds for a whole unit of cosine.
SHARPNESS = 20.0
# Half the time and memory of the whole vectors, and the same answers (docs/nlu.md).
AXES = 256
# The parts of a message are this many at most.
FEW_ROWS = 4
_CACHED = 1024  # examples that are read from memory once, whatever the number of rows
_NONE = -1.0
_AT_ONCE = 256
_FLAT = 1e-9
Arrays = Mapping[str, NDArray[np.generic]]


class Neighbours:
    """`axes`: float32, dimension x at most AXES, orthonormal; `vectors`: unit vectors of the examples along these axes,
    float32, n x axes; `labels`: the class index of each. Kept in the order of their classes.

    `knows`: bool, the classes that have enough examples here to be voted for.
    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        labels: NDArray[np.int64],
        *,
        axes: NDArray[np.float32],
        classes: int,
    ) -> None:
        order = np.argsort(labels, kind="stable")
        self.vectors, self.labels, self.axes = vectors[order], labels[order], axes
        self._edges = np.searchsorted(self.labels, np.arange(classes + 1))
        self.knows = np.diff(self._edges) >= NEAREST

    @classmethod
    def fitted(cls, vectors: NDArray[np.float32], labels: NDArray[np.int64], *, classes: int) -> "Neighbours":
        """`vectors`: unit vectors, n x dimension. The axes are those along which the examples differ most.

        The examples are rounded as `arrays` keeps them, so that thresholds are chosen on what will answer.
        """
        chosen = principal_axes(vectors, AXES)
        whole, scale = _rounded(vectors @ chosen)
        return cls(whole * scale, labels, axes=chosen, classes=classes)

    def votes(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log odds, n x classes, not normalised, for unit vectors n x dimension."""
        parts = [self._votes(vectors[start : start + _AT_ONCE]) for start in range(0, len(vectors), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.knows)))

    def _votes(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        near = self._cosines(vectors @ self.axes)
        sizes = np.diff(self._edges)
        there = sizes > 0
        scores = np.full((len(near), len(sizes)), _NONE * SHARPNESS, np.float64)
        nearest = _nearest if len(near) <= FEW_ROWS else _nearest_of_many
        scores[:, there] = nearest(near, self._edges[:-1][there], sizes[there]) * SHARPNESS
        return scores

    def _cosines(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """`rows` x examples. Of a few rows, each is multiplied by itself, with what lies in the cache: a product of
        matrices would first rearrange all examples in memory."""
        if len(rows) > FEW_ROWS:
            return np.asarray(rows @ self.vectors.T)
        found = np.empty((len(rows), len(self.vectors)), np.float32)
        for start in range(0, len(self.vectors), _CACHED):
            here = self.vectors[start : start + _CACHED]
            for place, row in enumerate(rows):
                found[place, start : start + _CACHED] = here @ row
        return found

    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """What `from_arrays` needs: the examples as eight-bit integers, which moves a cosine by less than 0.01."""
        whole, scale = _rounded(self.vectors)
        yield "axes", self.axes
        yield "scale", scale
        yield "examples", whole.astype(np.int8)
        yield "labels", self.labels.astype(np.int16)

    @classmethod
    def from_arrays(cls, arrays: Arrays, *, classes: int) -> "Neighbours":
        vectors = arrays["examples"].astype(np.float32) * arrays["scale"].astype(np.float32)
        axes = arrays["axes"].astype(np.float32)
        return cls(vectors, arrays["labels"].astype(np.int64), axes=axes, classes=classes)


def _rounded(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Whole numbers from -127 to 127, and what each axis of them is to be multiplied with."""
    scale = np.maximum(np.abs(vectors).max(axis=0) / 127, _FLAT).astype(np.float32)
    return np.round(vectors / scale), scale


def _nearest(near: NDArray[np.float32], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean of each class's NEAREST largest (n x classes); what a class has too few of counts as far away.

    `near` is used up.
    """
    total = np.zeros((len(near), len(starts)), np.float32)
    left = np.full(total.shape, NEAREST, np.int32)
    for _ in range(NEAREST):
        best = np.maximum.reduceat(near, starts, axis=1)
        is_best = near == np.repeat(best, sizes, axis=1)
        taken = np.minimum(np.add.reduceat(is_best, starts, axis=1, dtype=np.int32), left)
        total += np.maximum(best, _NONE) * taken
        left -= taken
        near[is_best] = -np.inf
    return total / np.float32(NEAREST)


def _nearest_of_many(
    near: NDArray[np.float32], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What `_nearest` gives, a class at a time: of many rows four times as fast, of one row ten times as slow."""
    total = np.full((len(near), len(starts)), _NONE * NEAREST, np.float32)
    rows = np.arange(len(near))
    for place, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        mine = near[:, start : start + size]
        for _ in range(min(NEAREST, size)):
            best = mine.argmax(axis=1)
            total[:, place] += np.maximum(mine[rows, best], _NONE) - _NONE
            mine[rows, best] = -np.inf
    return total / np.float32(NEAREST)
