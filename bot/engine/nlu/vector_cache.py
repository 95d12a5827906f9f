"""Vectors already computed, kept on disk by the hash of their text, so that a retrain encodes only new examples."""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[str, int, int], None]
# Where a training keeps its vectors; set for its own process alone, so that the folder never becomes part of a model.
CACHE_VARIABLE = "FRONTDESK_VECTORS"
# Texts between two reports of progress: a second or two of work.
_STEP = 256


class Encoder(Protocol):
    """A sentence encoder: normalised texts in, unit vectors (float32, n x dimension) out.

    `version`: short, fit for a file's name; vectors of another version are of no use.
    """

    name: str
    version: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class VectorCache:
    """One file an encoder, `<folder>/<name>-<version>.npz`: hashes of the texts and their vectors. No text enters it.

    A file that cannot be read is treated as empty: it holds nothing that cannot be computed again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def encode(
        self, encoder: Encoder, texts: Sequence[str], progress: Progress = lambda stage, done, total: None
    ) -> NDArray[np.float32]:
        """Return the vectors of `texts` (n x dimension), encoding only those not yet kept, and keep those."""
        known = self._read(encoder)
        keys = [_key(text) for text in texts]
        missing: dict[str, str] = {key: text for key, text in zip(keys, texts, strict=False) if key not in known}
        if missing:
            known.update(zip(missing, encode_in_steps(encoder, list(missing.values()), progress), strict=False))
            self._write(encoder, known, wanted=keys)
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, encoder.dimension), np.float32)

    def _path(self, encoder: Encoder) -> Path:
        return self._folder / f"{encoder.name}-{encoder.version}.npz"

    def _read(self, encoder: Encoder) -> dict[str, NDArray[np.float32]]:
        try:
            with np.load(self._path(encoder), allow_pickle=False) as kept:
                keys: list[str] = kept["keys"].tolist()
                vectors: NDArray[Any] = kept["vectors"]
        except (OSError, ValueError, KeyError, EOFError):
            return {}
        if vectors.shape != (len(keys), encoder.dimension):
            return {}
        return dict(zip(keys, vectors, strict=False))

    def _write(self, encoder: Encoder, known: dict[str, NDArray[np.float32]], *, wanted: Sequence[str]) -> None:
        # A full cache drops what the present examples do not use, so edits over the years do not pile up.
        keys = list(known) if len(known) < 4 * len(wanted) + 1000 else list(dict.fromkeys(wanted))
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._path(encoder).with_suffix(f".{os.getpid()}.npz")
        np.savez(draft, keys=np.array(keys), vectors=np.stack([known[key] for key in keys]))
        draft.replace(self._path(encoder))
        for path in self._folder.glob(f"{encoder.name}*.npz"):
            if path != self._path(encoder) and "." not in path.stem:  # a dot: somebody else's draft
                path.unlink(missing_ok=True)  # of another version


class Remembering:
    """An encoder that looks up the texts it is known to be asked, and encodes the rest."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self.name, self.version, self.dimension = encoder.name, encoder.version, encoder.dimension
        self._encoder = encoder
        self._known = dict(zip(texts, vectors, strict=True))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        known = {**self._known, **dict(zip(new, self._encoder.encode(new), strict=True))} if new else self._known
        return np.stack([known[text] for text in texts])


def encode_in_steps(encoder: Encoder, texts: Sequence[str], progress: Progress) -> NDArray[np.float32]:
    """`encoder.encode` over many texts, telling `progress` (stage "encode <name>", done, total) as it goes."""
    parts = [np.zeros((0, encoder.dimension), np.float32)]
    progress(f"encode {encoder.name}", 0, len(texts))
    steps = [texts[start : start + _STEP] for start in range(0, len(texts), _STEP)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for part in pool.map(encoder.encode, steps):
            parts.append(part)
            progress(f"encode {encoder.name}", sum(map(len, parts)), len(texts))
    return np.concatenate(parts)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
