"""Telegram's limits kept: one message a second in a chat with a short burst, and a number a second in all.

The Telegram library's own limiter knows no limit per private chat
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
"""

import asyncio
import heapq
import itertools
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import IntEnum

MOST_CHATS = 20_000


class Lane(IntEnum):
    """Who goes first when all chats together are too fast."""

    NOTICE = 0
    REPLY = 1
    BROADCAST = 2


class Pace:
    """A rate with a burst, as the time from which the next one is allowed (seconds of a steady clock)."""

    def __init__(self, per_second: float, burst: float) -> None:
        self.interval, self.slack = 1 / per_second, (burst - 1) / per_second
        self._due = 0.0
        self.paused_until = 0.0

    def next(self) -> float:
        """When the next one may go; in the past when it may go now."""
        return max(self._due - self.slack, self.paused_until)

    def take(self, at: float) -> None:
        self._due = max(self._due, at) + self.interval


class Limiter:
    """`patience`: the longest a message waits here; the outbox keeps one that would have to wait longer."""

    def __init__(
        self,
        per_second: float,
        *,
        chat_per_second: float = 1.0,
        chat_burst: float = 3.0,
        patience: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.overall = Pace(per_second, max(1.0, per_second / 5))
        self.chat_per_second, self.chat_burst, self.patience = chat_per_second, chat_burst, patience
        self.clock, self.sleep = clock, sleep
        self._chats: OrderedDict[str, Pace] = OrderedDict()
        self._queue: list[tuple[int, int]] = []
        self._tickets = itertools.count()

    async def turn(self, chat: str, lane: Lane = Lane.REPLY) -> float:
        """Wait until a message may go to `chat` and return 0; or at once the seconds after which to try again."""
        pace, now = self._chat(chat), self.clock()
        ready = max(pace.next(), self.overall.paused_until)
        if ready - now > self.patience:
            return ready - now
        pace.take(max(now, ready))
        if ready > now:
            await self.sleep(ready - now)
        await self._overall_turn(lane)
        return 0.0

    def pause(self, chat: str, seconds: float) -> None:
        """Telegram answered 429 for `chat`. A second chat at the same time means that the whole bot is too fast."""
        now = self.clock()
        others = any(pace.paused_until > now for name, pace in self._chats.items() if name != chat)
        self._chat(chat).paused_until = now + seconds
        if others:
            self.overall.paused_until = max(self.overall.paused_until, now + seconds)

    async def _overall_turn(self, lane: Lane) -> None:
        ticket = (int(lane), next(self._tickets))
        heapq.heappush(self._queue, ticket)
        try:
            while self._queue[0] != ticket or self.overall.next() > self.clock():
                ahead = sum(1 for other in self._queue if other < ticket)
                wait = max(self.overall.next() - self.clock(), 0) + ahead * self.overall.interval
                await self.sleep(max(wait, 0.001))
            self.overall.take(self.clock())
        finally:
            self._queue.remove(ticket)
            heapq.heapify(self._queue)

    def _chat(self, chat: str) -> Pace:
        pace = self._chats.get(chat)
        if pace is None:
            pace = self._chats[chat] = Pace(self.chat_per_second, self.chat_burst)
            while len(self._chats) > MOST_CHATS:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat)
        return pace
