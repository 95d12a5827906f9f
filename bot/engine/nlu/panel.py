"""Everything that votes on a message of one route by its sentence vectors: the linear head and the examples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import Neighbours

# Weights in the mean of log probabilities; the rest is the linear head's (docs/nlu.md).
LETTERS = 0.2
NEIGHBOURS = 0.35
Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Panel:
    """`neighbours`: encoder -> the examples as that encoder sees them; of the route's first encoder only, which is as
    good as all and half the memory."""

    head: LinearHead
    neighbours: Mapping[str, Neighbours]

    @classmethod
    def fitted(cls, vectors: Mapping[str, NDArray[np.float32]], labels: NDArray[np.int64], *, classes: int) -> "Panel":
        """`vectors`: encoder -> n x dimension of the examples, whose class indices are `labels`."""
        first = next(iter(vectors))
        return cls(
            head=LinearHead.fitted(dict(vectors), labels, classes=classes),
            neighbours={first: Neighbours(vectors[first], labels, classes=classes)},
        )

    def fuse(self, vectors: Mapping[str, NDArray[np.float32]], letters: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weighted mean (n x classes, not normalised) of what the head, the examples and the letters say.

        `vectors`: encoder -> n x dimension of the messages; encoders this panel does not know are left out, and without
        any known one the letters decide alone.
        """
        known = {name: rows for name, rows in vectors.items() if name in self.head.weights}
        if not known:
            return letters
        near = [voters.log_probabilities(known[name]) for name, voters in self.neighbours.items() if name in known]
        weight = NEIGHBOURS if near else 0.0
        fused = (1.0 - LETTERS - weight) * self.head.log_probabilities(known) + LETTERS * letters
        return np.asarray(fused + weight * sum(near), np.float64)

    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """What `from_arrays` needs: the examples as eight-bit integers, which moves a cosine by less than 0.01."""
        yield "bias", self.head.bias
        for name, weights in self.head.weights.items():
            yield f"weights:{name}", weights
        for name, neighbours in self.neighbours.items():
            scale = np.float32(np.abs(neighbours.vectors).max() / 127)
            yield f"scale:{name}", np.array([scale], np.float32)
            yield f"examples:{name}", np.round(neighbours.vectors / scale).astype(np.int8)
            yield "labels", neighbours.labels.astype(np.int16)

    @classmethod
    def from_arrays(cls, arrays: Arrays, *, classes: int) -> "Panel":
        labels = arrays["labels"].astype(np.int64)
        vectors = {
            name: arrays[f"examples:{name}"].astype(np.float32) * arrays[f"scale:{name}"].astype(np.float32)
            for name in _named("examples", arrays)
        }
        weights = {name: arrays[f"weights:{name}"].astype(np.float32) for name in _named("weights", arrays)}
        return cls(
            head=LinearHead(weights, arrays["bias"].astype(np.float32)),
            neighbours={name: Neighbours(rows, labels, classes=classes) for name, rows in vectors.items()},
        )


def _named(part: str, arrays: Arrays) -> list[str]:
    return [key.split(":")[1] for key in arrays if key.startswith(f"{part}:")]
