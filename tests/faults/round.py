"""One round of the campaign: so many residents write while so much is killed, then the account is drawn up."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.dev.telegram_simulator import SimulatorProcess
from tests.faults.account import Account, _rows, waiting
from tests.faults.desks import Nursery
from tests.faults.nemesis import Nemesis
from tests.faults.residents import Resident
from tests.faults.telegram import TelegramResident
from tests.faults.world import World, city
from tests.postgres import Postgres

ON_TELEGRAM = 20  # one conversation in so many
MOST_WAITING = 120  # residents pause while more than so many wait for an answer
LONGEST = 1500.0  # seconds
# Nearer to what is set in earnest than the suite's, so that a turn survives a restart of its engine.
SETTINGS = {"ATTEMPT_SECONDS": "3", "TURN_SECONDS": "10", "LEASE_SECONDS": "14", "DELIVERY_LEASE_SECONDS": "12"}
WAITED = """SELECT i.at AS asked, o.at AS said FROM message o JOIN message i ON i.id = o.answers
WHERE o.direction = 'out' AND o.body LIKE 'answer to #%'"""
IN_QUEUE = """SELECT DISTINCT m.body FROM message m JOIN conversation c ON c.id = m.conversation_id
WHERE c.owner = 'waiting' AND m.body LIKE '#%-1 %' AND m.direction = 'in'"""
LEFT = """SELECT (SELECT count(*) FROM message WHERE body LIKE '%!!leave' AND state = 'answered')
- (SELECT count(*) FROM left_message) AS n"""


@dataclass
class Report:
    """What a round came to; plain values, kept as JSON."""

    account: dict[str, Any]
    kills: dict[str, int]
    stops: int
    longest_stop: float
    recovery: dict[str, list[float]]
    longest_wait: float
    seconds: float
    back_from_staff: int = 0


@dataclass
class Round:
    """`messages` in all over `conversations`; kill number k comes when k / kills of the messages are written."""

    messages: int
    kills: int
    conversations: int
    seed: int
    say: Callable[[str], None] = lambda line: None
    written: int = 0
    struck: int = 0
    waits: int = 0
    returned: int = 0
    back: set[int] = field(default_factory=set)

    async def play(self, nursery: Nursery, url: str, telegram: SimulatorProcess, server: Postgres | None) -> Report:
        telegram.reset()
        desks, began = (2, "1") if server else (1, "2"), time.monotonic()
        async with (
            asyncio.timeout(LONGEST),
            city(nursery, url, desks=desks[0], ENGINES=desks[1], telegram=telegram, **SETTINGS) as world,
        ):
            nemesis = Nemesis(world, random.Random(self.seed), server)
            await self._write_and_kill(world, nemesis)
            self.say("waiting for the last answers")
            account = await world.account(settle_seconds=90)
            await self._count_left(world, account)
            return Report(
                asdict(account), dict(nemesis.kills), nemesis.stops, nemesis.longest_stop, nemesis.recovery,
                await longest_wait(world), time.monotonic() - began, self.returned,
            )  # fmt: skip

    async def _write_and_kill(self, world: World, nemesis: Nemesis) -> None:
        watching = [asyncio.create_task(self._watch(world)), asyncio.create_task(self._tell(nemesis))]
        each = self.messages // self.conversations
        people: list[Resident | TelegramResident] = [
            world.telegram_resident() if number % ON_TELEGRAM == 1 else world.resident()
            for number in range(self.conversations)
        ]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._strike(nemesis))
                for one in people:
                    group.create_task(self._write(one, each))
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _strike(self, nemesis: Nemesis) -> None:
        plan = nemesis.plan(self.kills)
        for number, kind in enumerate(plan):
            while self.written < self.messages * number / self.kills:
                await asyncio.sleep(0.05)
            await nemesis.strike(kind)
            if number % 15 == 7:
                await nemesis.stop_politely()
            self.struck += 1

    async def _write(self, one: Resident | TelegramResident, messages: int) -> None:
        for number in range(1, messages + 1):
            while self._is_ahead() or self.waits > MOST_WAITING:
                await asyncio.sleep(0.1)
            self.written += 1
            words = "!!leave" if number % 10 == 0 else "question"
            if isinstance(one, TelegramResident):
                await one.say_and_wait(words)
            else:
                await one.say(words)
            if one.number in self.back:
                await self._back_to_assistant(one)

    def _is_ahead(self) -> bool:
        return self.struck < self.kills and self.written > self.messages * (self.struck + 1.2) / self.kills

    async def _back_to_assistant(self, one: Resident | TelegramResident) -> None:
        """Who was handed to staff asks for the assistant again, so that there is more to test."""
        self.back.discard(one.number)
        self.returned += 1
        if isinstance(one, Resident):
            await one.post({"command": "assistant"})
        else:
            await asyncio.to_thread(one.telegram.text, one.number, "/assistant")

    async def _watch(self, world: World) -> None:
        while True:
            await asyncio.sleep(1)
            with contextlib.suppress(Exception):
                self.waits = await waiting(world.db)
                self.back |= {int(row.body[1:].split("-")[0]) for row in await _rows(world.db, IN_QUEUE)}

    async def _tell(self, nemesis: Nemesis) -> None:
        while True:
            await asyncio.sleep(5)
            engines, servers = nemesis.kills["engine"], nemesis.kills["database"]
            kinds = f"desks {nemesis.kills.total() - engines - servers}, engines {engines}, server {servers}"
            progress = f"{self.written}/{self.messages} messages, {self.struck}/{self.kills} kills ({kinds})"
            self.say(f"{progress}, {self.waits} waiting")

    async def _count_left(self, world: World, account: Account) -> None:
        """P2: each message left for a unit is there once."""
        if missing := int((await _rows(world.db, LEFT))[0].n):
            account.lost += max(0, missing)
            account.answered_twice += max(0, -missing)
            account.examples.append(f"messages left: {missing} too few")


async def longest_wait(world: World) -> float:
    """The longest time from storing a message to storing its answer, in seconds."""
    rows = await _rows(world.db, WAITED)
    return max(((_time(row.said) - _time(row.asked)).total_seconds() for row in rows), default=0.0)


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
