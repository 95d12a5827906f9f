"""What a limit of time is set to, read from the event loop instead of waited for."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest


def record_timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A list that each timer set from here on adds its seconds from now to."""
    loop, seconds = asyncio.get_running_loop(), []
    call_at = loop.call_at

    def recorded(when: float, callback: Callable[..., object], *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
        seconds.append(when - loop.time())
        return call_at(when, callback, *args, **kwargs)

    monkeypatch.setattr(loop, "call_at", recorded)
    return seconds


async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server's side of a connection that reads one call and keeps still until the other side hangs up."""
    while await reader.read(65536):
        pass
    writer.close()
