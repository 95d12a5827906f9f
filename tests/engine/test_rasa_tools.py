"""Rasa's own tools on the real project and on tests/conversations, as a person would run them."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.engine.conftest import ROOT


def rasa(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bot.engine", "rasa", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=580)


@pytest.mark.timeout(600)
def test_rasa_accepts_the_project():
    result = rasa("data", "validate")
    assert result.returncode == 0, result.stderr[-3000:]
    assert "No story structure conflicts found" in result.stderr + result.stdout


@pytest.mark.timeout(600)
def test_every_story_goes_as_written(built: Path):
    result = rasa("test", "core", "--stories", "tests/conversations/", "--model", str(built / "release/model.tar.gz"))
    assert result.returncode == 0, result.stderr[-3000:]
    failed = (ROOT / "build/rasa/results/failed_test_stories.yml").read_text("utf-8")
    assert yaml.safe_load(failed) is None, failed
