"""Heads of earlier trainings, kept on disk, so that a retrain after one edit starts near its end.

A head is found again by its name and the dimension of its vectors; a topic that is new begins at zero. What cannot be
read is forgotten: the fit then takes as long as the first one, and comes to the same.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.linear_head import NEVER, LinearHead


class HeadMemory:
    """One file a head in `folder`; without a folder nothing is remembered."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def recall(self, name: str, topics: Sequence[str], dimensions: Mapping[str, int]) -> LinearHead | None:
        """The head kept as `name`, its rows in the order of `topics`; None when there is none for these encoders."""
        try:
            with np.load(self._path(name), allow_pickle=False) as kept:
                arrays: dict[str, NDArray[np.float32]] = {key: kept[key] for key in kept.files if key != "topics"}
                known = {str(topic): row for row, topic in enumerate(kept["topics"])}
        except (OSError, ValueError, KeyError, EOFError):
            return None
        shapes = {key: array.shape[1] for key, array in arrays.items() if key != "bias"}
        if shapes != dict(dimensions) or "bias" not in arrays:
            return None
        rows = [known.get(topic, -1) for topic in topics]
        weights = {key: _rows(array, rows, missing=0.0) for key, array in arrays.items() if key != "bias"}
        return LinearHead(weights, _rows(arrays["bias"], rows, missing=NEVER))

    def keep(self, name: str, topics: Sequence[str], head: LinearHead) -> None:
        """Remember `head`, whose rows are `topics`."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._path(name).with_suffix(f".{os.getpid()}.npz")
        np.savez(draft, topics=np.array(topics), bias=head.bias, **head.weights)
        draft.replace(self._path(name))

    def _path(self, name: str) -> Path:
        return (self._folder or Path("/nonexistent")) / f"head-{name}.npz"


def _rows(array: NDArray[np.float32], rows: Sequence[int], *, missing: float) -> NDArray[np.float32]:
    taken = array[np.maximum(rows, 0)].copy()
    taken[np.array(rows) < 0] = missing
    return taken
