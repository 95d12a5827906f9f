"""Everything that votes on a message of one route by its sentence vectors: the linear head and the examples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import Neighbours

# Weights in the mean of log probabilities; the rest, HEAD, is the linear head's.
LETTERS = 0.2
NEIGHBOURS = 0.2
HEAD = 1.0 - LETTERS - NEIGHBOURS
Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Panel:
    """`neighbours`: encoder -> the examples as that encoder sees them."""

    head: LinearHead
    neighbours: Mapping[str, Neighbours]

    @classmethod
    def fitted(cls, vectors: Mapping[str, NDArray[np.float32]], labels: NDArray[np.int64], *, classes: int) -> "Panel":
        """`vectors`: encoder -> n x dimension of the examples, whose class indices are `labels`."""
        return cls(
            head=LinearHead.fitted(dict(vectors), labels, classes=classes),
            neighbours={name: Neighbours(rows, labels, classes=classes) for name, rows in vectors.items()},
        )

    def fuse(self, vectors: Mapping[str, NDArray[np.float32]], letters: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weighted mean (n x classes, not normalised) of what the head, the examples and the letters say.

        `vectors`: encoder -> n x dimension of the messages; encoders this panel does not know are left out, and without
        any known one the letters decide alone.
        """
        known = {name: rows for name, rows in vectors.items() if name in self.neighbours}
        if not known:
            return letters
        near = np.mean([self.neighbours[name].log_probabilities(rows) for name, rows in known.items()], axis=0)
        fused = HEAD * self.head.log_probabilities(known) + NEIGHBOURS * near + LETTERS * letters
        return np.asarray(fused, np.float64)

    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """What `from_arrays` needs: the examples as eight-bit integers, which moves a cosine by less than 0.01."""
        yield "bias", self.head.bias
        for name, neighbours in self.neighbours.items():
            scale = np.float32(np.abs(neighbours.vectors).max() / 127)
            yield f"weights:{name}", self.head.weights[name]
            yield f"scale:{name}", np.array([scale], np.float32)
            yield f"examples:{name}", np.round(neighbours.vectors / scale).astype(np.int8)
            yield "labels", neighbours.labels.astype(np.int16)

    @classmethod
    def from_arrays(cls, arrays: Arrays, *, classes: int) -> "Panel":
        names: Sequence[str] = [key.split(":")[1] for key in arrays if key.startswith("weights:")]
        labels = arrays["labels"].astype(np.int64)
        vectors = {
            name: arrays[f"examples:{name}"].astype(np.float32) * arrays[f"scale:{name}"].astype(np.float32)
            for name in names
        }
        weights = {name: arrays[f"weights:{name}"].astype(np.float32) for name in names}
        return cls(
            head=LinearHead(weights, arrays["bias"].astype(np.float32)),
            neighbours={name: Neighbours(rows, labels, classes=classes) for name, rows in vectors.items()},
        )
