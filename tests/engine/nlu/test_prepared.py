"""What is kept to open the encoders faster gives the same vectors, and is not used once anything about it differs."""

from pathlib import Path

import numpy as np
import pytest

from bot.engine.nlu import minilm, prepared, use_encoder
from bot.engine.nlu.minilm import MiniLM
from bot.engine.nlu.use_encoder import UseEncoder

SENTENCES = ["how do i get a copy of my report", "dónde pago una multa", "noise", "¿？ﬁne", "", "a long story " * 60]


def _write(folder: Path) -> None:
    (folder / "numbers.bin").write_bytes(b"123")


def test_it_is_found_where_it_was_made(tmp_path: Path) -> None:
    prepared.prepare("encoder", "version 1", _write, inside=tmp_path)
    assert prepared.prepared("encoder", "version 1", inside=tmp_path) == tmp_path / "encoder"
    prepared.prepare("encoder", "version 2", _write, inside=tmp_path)
    assert prepared.prepared("encoder", "version 2", inside=tmp_path) == tmp_path / "encoder"


@pytest.mark.parametrize("spoil", ["another version", "altered", "file gone", "list gone", "list unreadable"])
def test_what_is_not_as_it_was_written_is_not_used(tmp_path: Path, spoil: str) -> None:
    prepared.prepare("encoder", "version 1", _write, inside=tmp_path)
    folder, wanted = tmp_path / "encoder", "version 1"
    match spoil:
        case "another version":
            wanted = "version 2"
        case "altered":
            (folder / "numbers.bin").write_bytes(b"124")
        case "file gone":
            (folder / "numbers.bin").unlink()
        case "list gone":
            (folder / "manifest.json").unlink()
        case "list unreadable":
            (folder / "manifest.json").write_text("[]")
    assert prepared.prepared("encoder", wanted, inside=tmp_path) is None


@pytest.mark.parametrize("encoder", [MiniLM, UseEncoder])
def test_prepared_or_not_alone_or_together_the_vectors_are_the_same(
    encoder: type[MiniLM] | type[UseEncoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"prepare": prepared.prepare, "prepared": prepared.prepared}
    for module in (minilm, use_encoder):
        for name, function in places.items():
            monkeypatch.setattr(module, name, lambda *given, function=function: function(*given, inside=tmp_path))
    plain = encoder().encode(SENTENCES)
    encoder.prepare()
    assert (tmp_path / encoder.name / "manifest.json").is_file()
    ready = encoder()
    assert np.allclose(ready.encode(SENTENCES), plain, atol=1e-5)
    assert np.allclose([ready.encode([one])[0] for one in SENTENCES], plain, atol=1e-5)
    assert ready.encode([]).shape == (0, encoder.dimension)
