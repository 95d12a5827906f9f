"""Vectors are computed once a text, and a spoilt cache file costs time only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.vector_cache import VectorCache


class CountingEncoder:
    name, dimension = "counting", 3

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return np.array([[len(text), 1, 0] for text in texts], np.float32)


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    VectorCache(tmp_path).encode(encoder, ["a", "bb", "a"])
    vectors = VectorCache(tmp_path).encode(encoder, ["bb", "ccc"])
    assert encoder.encoded == ["a", "bb", "ccc"]
    assert vectors[:, 0].tolist() == [2, 3]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    VectorCache(tmp_path).encode(CountingEncoder(), ["a", "bb"], lambda *step: told.append(step))
    assert told == [("encode counting", 0, 2), ("encode counting", 2, 2)]


def test_a_spoilt_file_is_made_again(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    (tmp_path / "counting.npz").write_bytes(b"not a zip file")
    assert VectorCache(tmp_path).encode(encoder, ["a"]).tolist() == [[1, 1, 0]]
    assert VectorCache(tmp_path).encode(encoder, ["a"]).tolist() == [[1, 1, 0]]
    assert encoder.encoded == ["a"]
