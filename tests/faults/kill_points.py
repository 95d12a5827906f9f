"""Places in a desk's work where a test may end or halt the process, put around the objects from outside.

Each piece of work (receive, lease, turn, record, action) passes ``<work>.before_commit``, when its rows are written and
not committed, and ``<work>.after_commit``, when they are and nobody was told. An order is a file that holds
``<point> kill`` or ``<point> hang``; it is obeyed once, by whoever passes the point first, and removed.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from actions.leave_message import SubmitMessage
from bot.desk.desk import Desk

_doing: ContextVar[str] = ContextVar("doing", default="other")
POINTS = (
    "receive.before_commit",
    "receive.after_commit",
    "lease.after_commit",
    "turn.before_commit",
    "turn.after_commit",
    "record.before_commit",
)


class Orders:
    """The file with the order, looked at when a point is passed."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def pass_by(self, point: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            wanted, _, deed = self.file.read_text().strip().partition(" ")
            if wanted == point:
                self.file.unlink()
                await self._obey(deed)

    async def _obey(self, deed: str) -> None:
        if deed == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif deed.startswith("signal "):
            os.kill(int(deed.split()[1]), signal.SIGKILL)
        else:
            await asyncio.sleep(float(deed.split()[1]))


def surround(desk: Desk, orders: Orders) -> None:
    """Put the points around a desk that has not started yet."""
    _named(desk.inbox, "receive", "receive")
    _named(desk.turns, "_take", "lease")
    _named(desk.turns, "_commit", "turn")
    for outbox in desk.outboxes.values():
        _named(outbox, "_record", "record")
    _around_writes(desk, orders)
    _around_actions(orders)


def _named(part: Any, method: str, work: str) -> None:
    """Whatever `part.method` writes is `work`."""
    real: Callable[..., Awaitable[Any]] = getattr(part, method)

    async def named(*arguments: Any, **more: Any) -> Any:
        token = _doing.set(work)
        try:
            return await real(*arguments, **more)
        finally:
            _doing.reset(token)

    setattr(part, method, named)


def _around_writes(desk: Desk, orders: Orders) -> None:
    real = desk.db.write

    async def write(work: Any, **more: Any) -> Any:
        async def watched(tx: Any) -> Any:
            result = await work(tx)
            await orders.pass_by(f"{_doing.get()}.before_commit")
            return result

        result = await real(watched, **more)
        await orders.pass_by(f"{_doing.get()}.after_commit")
        return result

    desk.db.write = write  # type: ignore[method-assign]


def _around_actions(orders: Orders) -> None:
    """This process runs one desk, so its class of the action is that desk's own."""
    real = SubmitMessage.run

    async def run(self: SubmitMessage, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        await orders.pass_by("action.running")
        return await real(self, dispatcher, tracker, domain)

    SubmitMessage.run = run  # type: ignore[method-assign]
