"""The desk's side of a call to an engine."""

import asyncio
from pathlib import Path

import pytest

from bot.desk.engine import SocketEngine
from tests.limits import never_answer, record_timers


@pytest.mark.parametrize("seconds", [1.5, 5.25, 6.25])
async def test_an_attempt_has_the_time_it_was_given_and_no_more(
    seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """aiohttp by itself rounds limits of five seconds and more up to a whole second of its clock."""
    server = await asyncio.start_unix_server(never_answer, str(tmp_path / "engine.sock"))
    timers = record_timers(monkeypatch)
    engine = SocketEngine(tmp_path / "engine.sock", "token")
    attempt = asyncio.create_task(engine.turn({}, timeout=seconds))
    while not timers:
        await asyncio.sleep(0)
    attempt.cancel()
    await asyncio.wait({attempt})
    await engine.close()
    server.close()
    assert timers == [pytest.approx(seconds, abs=0.01)]
