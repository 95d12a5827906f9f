"""One small release, trained once a session, and engines started as real processes."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engine.running import Desk, RunningEngine

ROOT = Path(__file__).parents[2]


def _train(folder: Path, *variant: str) -> Path:
    command = [sys.executable, "-m", "tests.engine.fixture.train", str(folder), *variant]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the trained release (`release`) and the Rasa project it came from (`project`)."""
    return _train(tmp_path_factory.mktemp("built") / "with_form")


@pytest.fixture(scope="session")
def built_without_form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _train(tmp_path_factory.mktemp("built") / "without_form", "without_form")


@pytest.fixture(scope="session")
def engine(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """One engine for all tests that leave it running. Its logs are at DEBUG, for the canary test to mean something."""
    with RunningEngine.started(built / "release", tmp_path_factory.mktemp("sockets"), "--test-faults") as running:
        yield running


@pytest.fixture
async def desk(engine: RunningEngine) -> AsyncIterator[Desk]:
    """The desk's side of one conversation with that engine: the real actions on their socket, and a state."""
    async with Desk.opened(engine) as opened:
        yield opened
