"""The engine's side of a call to an action."""

import asyncio
from pathlib import Path

import pytest

from bot.engine import slim  # noqa: F401  (before rasa)

# isort: split
from bot.engine.action_endpoint import TIMEOUT, ActionEndpoint
from bot.settings import Settings
from tests.limits import never_answer, record_timers


async def test_an_action_has_less_time_than_the_attempt_it_belongs_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """aiohttp by itself rounds limits of five seconds and more up to a whole second of its clock, here up to the desk's
    own limit."""
    server = await asyncio.start_unix_server(never_answer, str(tmp_path / "desk.sock"))
    timers = record_timers(monkeypatch)
    endpoint = ActionEndpoint(str(tmp_path / "desk.sock"), "token")
    call = asyncio.create_task(endpoint.request(json={"tracker": {"events": []}}))
    while not timers:
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait({call})
    await endpoint.close()
    server.close()
    assert timers == [pytest.approx(TIMEOUT, abs=0.01)]
    assert Settings.model_fields["attempt_seconds"].default > TIMEOUT
