"""Vectors are computed once a text, and a spoilt cache file costs time only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.engine.nlu.vector_cache import Remembering, VectorCache


class CountingEncoder:
    version = "1"
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
    (tmp_path / "counting-1.npz").write_bytes(b"not a zip file")
    assert VectorCache(tmp_path).encode(encoder, ["a"]).tolist() == [[1, 1, 0]]
    assert VectorCache(tmp_path).encode(encoder, ["a"]).tolist() == [[1, 1, 0]]
    assert encoder.encoded == ["a"]


def test_what_is_remembered_is_not_encoded_again() -> None:
    encoder = CountingEncoder()
    remembering = Remembering(encoder, ["a", "bb"], np.array([[7, 7, 7], [8, 8, 8]], np.float32))
    assert remembering.encode(["bb"]).tolist() == [[8, 8, 8]]
    assert remembering.encode(["bb", "ccc", "ccc"]).tolist() == [[8, 8, 8], [3, 1, 0], [3, 1, 0]]
    assert encoder.encoded == ["ccc"]


def test_another_version_of_an_encoder_starts_anew_and_leaves_nothing_behind(tmp_path: Path) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    second.version = "2"
    VectorCache(tmp_path).encode(first, ["a"])
    VectorCache(tmp_path).encode(second, ["a"])
    assert second.encoded == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["counting-2.npz"]
