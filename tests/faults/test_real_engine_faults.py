"""Faults of the real engine with a small real release (docs/faults.md, F5, F6, F7, F9, F10). One database is enough."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.desks import ROOT, Nursery
from tests.faults.residents import Resident
from tests.faults.world import RELEASE, World, city

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
# A real engine takes seconds to start, and a turn must be able to wait for one: the times are those set in earnest.
EARNEST = {"ATTEMPT_SECONDS": "6", "TURN_SECONDS": "40", "LEASE_SECONDS": "60", "ENGINE_HEALTH_SECONDS": "1.5"}
QUESTION = "my crash report"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine tests' small release, trained once."""
    folder = tmp_path_factory.mktemp("real") / "built"
    command = [sys.executable, "-m", "tests.engine.fixture.train", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    file = folder / "release" / "release.json"
    document = json.loads(file.read_text())
    for topic in document["topics"].values():  # what only the desk reads of a topic
        topic |= {"source": "https://example.org", "reviewed_on": "2026-01-01", "review_days": 36500}
    file.write_text(json.dumps(document))
    return folder / "release"


@pytest.fixture
async def real(nursery: Nursery, release: Path, tmp_path: Path) -> AsyncIterator[World]:
    """One desk with one real engine."""
    url = f"sqlite+aiosqlite:///{tmp_path}/desk.sqlite3"
    more = {"engine": "real", "engine_arguments": ("--test-faults",), "release": release}
    async with city(nursery, url, started=False, **more, **EARNEST) as world:
        await world.desk.restarted()
        await world.desk.up(90, path="/health/ready")
        yield world


async def said(one: Resident) -> list[str]:
    return [line["text"] for line in await one.shown() if line["author"] != "resident"]


async def test_f5_f10_a_form_goes_on_although_the_engine_and_the_desk_are_killed(real: World):
    """The engine dies between two answers; the desk dies while the action runs that leaves the message."""
    one = real.resident()
    for number, words in enumerate(("status of my case", "My stolen bike", "555-0134")):
        await one.post({"text": words})
        await real.settled(60)
        if number == 0:
            [pid] = await real.desk.engine_pids()
            os.kill(pid, signal.SIGKILL)
    real.desk.arm("action.running kill")
    sending = asyncio.create_task(one.post({"text": "yes"}))
    await real.desk.dead(60)
    await real.desk.restarted()
    await sending
    await real.settled(90)
    assert await real.count("left_message") == 1
    assert await real.count("handoff") == 0
    assert await real.count("turn") == 4


async def test_f6_a_message_that_ends_the_engine_goes_to_staff_and_another_is_answered(real: World):
    poison, other = real.resident(), real.resident()
    await poison.post({"text": "!!exit"})
    await asyncio.sleep(0.5)
    await other.post({"text": QUESTION})
    await real.settled(100)
    assert any(text.startswith("I am sorry") for text in await said(poison))
    assert any(text.startswith("Answer to records/crash_report") for text in await said(other))
    assert await real.count("handoff", "reason = 'engine_failed'") == 1


async def test_f7_a_frozen_engine_is_replaced_and_the_message_answered_once(real: World):
    [pid] = await real.desk.engine_pids()
    os.kill(pid, signal.SIGSTOP)
    one = real.resident()
    await one.post({"text": QUESTION})
    await real.settled(60)
    answers = [text for text in await said(one) if text.startswith("Answer to")]
    assert len(answers) == 1
    assert await real.desk.engine_pids() != [pid]


async def test_f9_an_engine_without_a_model_is_not_ready_and_the_message_waits(real: World):
    model = real.desk.folder / "var" / "releases" / RELEASE / "model.tar.gz"
    kept = model.rename(model.with_suffix(".kept"))
    [pid] = await real.desk.engine_pids()
    os.kill(pid, signal.SIGKILL)
    await real.until(lambda: _not_ready(real))
    one = real.resident()
    await one.post({"text": QUESTION})
    await asyncio.sleep(2)
    kept.rename(model)
    await real.settled(80)
    assert sum(text.startswith("Answer to") for text in await said(one)) == 1


async def _not_ready(world: World) -> bool:
    return (await world.desk.get("/health/ready"))[0] == 503
