"""Kills desks, engines and the database server while residents write, and brings back what it killed."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.faults.desks import DeskProcess
from tests.faults.kill_points import POINTS
from tests.faults.world import World
from tests.postgres import Postgres

PATIENCE = 4.0  # seconds for a desk to pass the point it is to die at; then it dies where it is


@dataclass
class Nemesis:
    """`kills` by kind. A kill is a SIGKILL, or PostgreSQL's immediate stop, which is the same for its data.

    `recovery`: seconds from a kill until the same part works again, by part.
    """

    world: World
    dice: random.Random
    server: Postgres | None = None
    kills: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    longest_stop: float = 0.0
    recovery: dict[str, list[float]] = field(default_factory=lambda: {"desk": [], "engine": [], "database": []})

    def plan(self, count: int) -> list[str]:
        """`count` kinds of kills, each about as often, in an order of the dice's."""
        kinds = [*POINTS, "desk anywhere", "engine", "engine", "engine"]
        wanted = [kinds[number % len(kinds)] for number in range(count)]
        if self.server:
            wanted[: max(1, count // 25)] = ["database"] * max(1, count // 25)
        self.dice.shuffle(wanted)
        return wanted

    async def strike(self, kind: str) -> None:
        """One kill, and the healing of it."""
        if kind == "engine":
            await self._engine()
        elif kind == "database":
            await self._database()
        else:
            await self._desk(self.dice.choice(self.world.desks), kind)
        self.kills[kind] += 1

    async def stop_politely(self) -> None:
        """SIGTERM (F36, P13): not a kill, but nothing may be lost by it either."""
        desk, began = self.dice.choice(self.world.desks), time.monotonic()
        desk.send(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await desk.dead(20)
        await desk.kill()
        self.stops, self.longest_stop = self.stops + 1, max(self.longest_stop, time.monotonic() - began)
        await desk.restarted()

    async def _desk(self, desk: DeskProcess, kind: str) -> None:
        if kind in POINTS:
            desk.arm(f"{kind} kill")
            with contextlib.suppress(TimeoutError):
                await desk.dead(PATIENCE)
        await desk.kill()
        began = time.monotonic()
        await desk.restarted()
        self.recovery["desk"].append(time.monotonic() - began)

    async def _engine(self) -> None:
        desk = self.dice.choice(self.world.desks)
        pids = await desk.engine_pids()
        if not pids:
            return
        victim, began = self.dice.choice(pids), time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        await self._true(lambda: _all_ready(desk, len(pids), without=victim))
        self.recovery["engine"].append(time.monotonic() - began)

    async def _database(self) -> None:
        assert self.server
        began = time.monotonic()
        await asyncio.to_thread(self.server.stop, "immediate")
        await asyncio.to_thread(self.server.start)
        for desk in self.world.desks:
            await self._true(lambda one=desk: _database_ready(one))  # type: ignore[misc]
        self.recovery["database"].append(time.monotonic() - began)

    async def _true(self, fact: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + 30
        while not await fact():
            if time.monotonic() > deadline:
                raise TimeoutError("what was killed did not come back")
            await asyncio.sleep(0.05)


async def _all_ready(desk: DeskProcess, count: int, *, without: int) -> bool:
    _, health = await desk.get("/health/ready")
    engines = health["engines"]["engines"] if health else []
    return len(engines) == count and all(one["ready"] and one["pid"] != without for one in engines)


async def _database_ready(desk: DeskProcess) -> bool:
    _, health = await desk.get("/health/ready")
    return bool(health) and bool(health["database"]["ready"])
