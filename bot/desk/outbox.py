"""Delivering replies through the channels that push: in order, within limits, nothing silently lost."""

import asyncio
import contextlib
import random
import time
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.message import Author, Button, Delivery, DeliveryState, OutgoingMessage
from bot.core.refused import Unavailable
from bot.desk.parts import Parts
from bot.store import conversations, deliveries

log = structlog.get_logger()
AT_ONCE = 20
LONGEST_PAUSE = 60.0


class Channel(Protocol):
    """A wire that pushes. `send` never raises for what the other side does: it says how it went."""

    name: str

    async def send(self, message: OutgoingMessage) -> Delivery: ...
    async def typing(self, chat_ref: str) -> None: ...


class Outbox:
    """Delivers one channel's replies until it is stopped."""

    def __init__(self, parts: Parts, channel: Channel) -> None:
        self.parts, self.channel = parts, channel
        self.ambiguous = 0
        self._wake, self._stopping = asyncio.Event(), False
        self._sending: set[asyncio.Task[None]] = set()
        self._next_look = 0.0
        self._taking = asyncio.Lock()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                await self._look_after_others()
                took = await self._take()
            except Unavailable:
                took = 0
                await asyncio.sleep(0.5)
            except Exception:
                # Replies of everybody wait here: a bug met once must not end the loop.
                log.exception("outbox.failed", channel=self.channel.name)
                took = 0
                await asyncio.sleep(0.5)
            if not took:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await self._wake.wait()

    async def stop(self, seconds: float) -> None:
        """Begin no more sends; let those under way end."""
        self._stopping = True
        self.wake()
        async with self._taking:
            pass  # what is being leased now is under way after this
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)

    async def recover(self, *, only_desk: bool) -> None:
        """Sends a killed desk left open are tried again, and counted: the resident may see one of them twice."""
        now = self.parts.clock()
        interrupted = await self.parts.db.write(
            lambda tx: deliveries.take_back_interrupted(tx, self.channel.name, now, all_of_them=only_desk)
        )
        if interrupted:
            self.ambiguous += interrupted
            log.warning("delivery.interrupted", channel=self.channel.name, count=interrupted)

    async def _look_after_others(self) -> None:
        """Another desk on this database may have been killed in the middle of a send: its lease runs out."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self.parts.settings.delivery_lease_seconds / 4
            await self.recover(only_desk=False)

    async def _take(self) -> int:
        async with self._taking:
            return 0 if self._stopping else await self._lease()

    async def _lease(self) -> int:
        room = AT_ONCE - len(self._sending)
        now = self.parts.clock()
        until = now + timedelta(seconds=self.parts.settings.delivery_lease_seconds)
        if room <= 0 or not await self.parts.db.read(lambda tx: deliveries.any_due(tx, self.channel.name, now)):
            return 0
        rows = await self.parts.db.write(
            lambda tx: deliveries.lease_due(tx, self.channel.name, now=now, until=until, limit=room)
        )
        for row in rows:
            task = asyncio.create_task(self._deliver(row))
            self._sending.add(task)
            task.add_done_callback(self._sent)
        return len(rows)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self.wake()

    async def _deliver(self, row: RowMapping) -> None:
        try:
            delivery = await self.channel.send(self._outgoing(row))
        except Exception:
            log.exception("delivery.failed", message=row["id"])
            delivery = Delivery(DeliveryState.UNKNOWN, error="bug")
        await self._record_for_sure(row, delivery)
        self.parts.watches.publish(row["conversation_id"], "messages")

    def _outgoing(self, row: RowMapping) -> OutgoingMessage:
        buttons = tuple(Button(title=one["title"], id=one["id"]) for one in (row["payload"] or {}).get("buttons", ()))
        return OutgoingMessage(
            message_id=row["id"],
            conversation_id=row["conversation_id"],
            chat_ref=self.parts.cipher.decrypt(row["chat_ref"]),
            text=row["body"],
            author=Author(row["author"]),
            staff_name=row["staff_name"],
            buttons=buttons,
            language=row["language"],
            divider=row["divider"],
        )

    async def _record_for_sure(self, row: RowMapping, delivery: Delivery) -> None:
        """What the provider said must not be lost to a short database outage: a repeat would be a duplicate."""
        for number in range(60):
            try:
                await self._record(row, delivery)
                return
            except Unavailable:
                await asyncio.sleep(min(0.1 * 2**number, 2.0))

    async def _record(self, row: RowMapping, delivery: Delivery) -> None:
        now = self.parts.clock()
        pause = delivery.retry_after or _pause(row["tries"])
        next_at = now + timedelta(seconds=pause if delivery.state is DeliveryState.WAITING else 0)
        if delivery.state is DeliveryState.UNKNOWN:
            self.ambiguous += 1

        async def work(tx: AsyncConnection) -> None:
            await deliveries.finish(
                tx,
                row["id"],
                state=delivery.state.value,
                next_at=next_at,
                provider_id=delivery.provider_id,
                error=delivery.error,
            )
            if delivery.blocked:
                await deliveries.fail_rest(tx, row["conversation_id"], error="blocked")
                await conversations.change(tx, row["conversation_id"], blocked_at=now)

        await self.parts.db.write(work)


def _pause(tries: int) -> float:
    """Seconds before the next attempt: doubling, with jitter so that a crowd does not come back at once."""
    return float(min(0.5 * 2 ** min(tries, 10), LONGEST_PAUSE)) * random.uniform(0.75, 1.25)  # noqa: S311
