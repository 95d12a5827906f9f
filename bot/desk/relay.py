"""Telling the other desks on the same PostgreSQL database what changed, with LISTEN and NOTIFY."""

import asyncio
import contextlib

import asyncpg
import structlog
from sqlalchemy.engine import make_url

from bot.core.ids import secret_id
from bot.desk.parts import Parts

log = structlog.get_logger()
NAME = "frontdesk"


class Relay:
    """One connection of its own that listens and notifies; it comes back by itself after an outage.

    News carries a conversation's id and what kind of thing changed, never content. What is missed during an outage is
    found by the desks' own looking, half a second later.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts, self.me = parts, secret_id()
        self._news: asyncio.Queue[str] = asyncio.Queue(maxsize=10_000)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        before = self.parts.watches.relay

        def relay(key: str, kind: str) -> None:
            before(key, kind)
            with contextlib.suppress(asyncio.QueueFull):
                self._news.put_nowait(f"{self.me} {kind} {key}")

        self.parts.watches.relay = relay
        self._wake = before
        self._task = asyncio.create_task(self._keep_going())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_going(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                log.warning("relay.lost")
                await asyncio.sleep(1.0)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(
            make_url(self.parts.db.url).set(drivername="postgresql").render_as_string(False)
        )
        try:
            await connection.add_listener(NAME, self._heard)
            while True:
                await connection.execute("SELECT pg_notify($1, $2)", NAME, await self._news.get())
        finally:
            with contextlib.suppress(Exception):
                await connection.close(timeout=1)

    def _heard(self, _connection: object, _pid: int, _channel: str, news: object) -> None:
        sender, kind, key = str(news).split(" ", 2)
        if sender != self.me:
            self.parts.watches.tell(key, kind)
            self._wake(key, kind)
