"""A process that ends before its time is told of in its own words, and nothing of it stays."""

import sys
from pathlib import Path

import pytest

from bot.training.builder import Builder, BuildFailed
from bot.training.progress import silent


def _program(folder: Path, lines: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return str(path)


def _build(folder: Path) -> None:
    with Builder(folder, vectors=folder / "vectors", progress=silent) as builder:
        builder._process.wait()  # so that nobody reads what it is told
        builder.build()


def test_a_builder_that_dies_at_once_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", _program(tmp_path, "echo no room left >&2; exit 3"))
    with pytest.raises(BuildFailed, match="no room left"):
        _build(tmp_path)


def test_a_builder_that_is_not_needed_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", _program(tmp_path, "exec sleep 60"))
    with Builder(tmp_path, vectors=tmp_path / "vectors", progress=silent) as builder:
        assert builder._process.poll() is None
    assert builder._process.returncode is not None
