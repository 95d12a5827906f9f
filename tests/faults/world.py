"""A small city for one fault: a database, desks with engines on it, residents, and an account at the end."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.core.model_format import MODEL_FORMAT
from bot.dev.telegram_simulator import SimulatorProcess
from bot.store import releases
from bot.store.db import Database
from bot.store.migrate import upgrade
from tests.faults.account import Account, count, draw_up, waiting
from tests.faults.desks import DeskProcess, Nursery
from tests.faults.residents import Resident
from tests.faults.telegram import TelegramResident

# An attempt has 6 s and a turn 15 in earnest; a sixth of that keeps the suite short. Nothing else is changed but limits
# that one sender on one address would meet.
SCALED = {
    "SECRET_KEY": "a key for tests only",
    "ATTEMPT_SECONDS": "1",
    "TURN_SECONDS": "2.5",
    "LEASE_SECONDS": "5",
    "DELIVERY_LEASE_SECONDS": "5",
    "ENGINE_HEALTH_SECONDS": "0.4",
    "BURST_MESSAGES": "100000",
    "MESSAGES_PER_MINUTE": "100000",
    "ADDRESS_BURST": "1000000",
    "ADDRESS_PER_MINUTE": "1000000",
    "NEW_CHATS_PER_MINUTE": "100000",
}
RELEASE = "test-release"


@dataclass
class World:
    """`desks` share one database. Times are seconds."""

    folder: Path
    db: Database
    desks: list[DeskProcess]
    session: aiohttp.ClientSession
    residents: list[Resident] = field(default_factory=list)
    telegram: SimulatorProcess | None = None
    chats: dict[int, TelegramResident] = field(default_factory=dict)
    calling: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def desk(self) -> DeskProcess:
        return self.desks[0]

    def resident(self, *, desk: int | None = None) -> Resident:
        """A new resident, of every desk or of one."""
        urls = [one.url for one in (self.desks if desk is None else [self.desks[desk]])]
        self.residents.append(Resident(len(self.residents) + 1, urls, self.session))
        return self.residents[-1]

    def telegram_resident(self) -> TelegramResident:
        assert self.telegram
        number = 1001 + len(self.chats)
        self.chats[number] = TelegramResident(number, self.telegram)
        return self.chats[number]

    async def load(self, *, conversations: int = 20, messages: int = 3, pause: float = 0.4) -> None:
        """So many conversations, each with so many messages one after another."""

        async def write(one: Resident) -> None:
            for _ in range(messages):
                await one.say()
                await asyncio.sleep(pause)

        await asyncio.gather(*(write(self.resident()) for _ in range(conversations)))

    async def settled(self, seconds: float = 30) -> float:
        """Wait until nothing waits for a turn or a delivery; the seconds it took. Raises TimeoutError."""
        began = time.monotonic()
        while left := await waiting(self.db):
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"{left} messages still wait\n{self.desk.log.read_text()[-2000:]}")
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def account(self, *, settle_seconds: float = 30, **more: Any) -> Account:
        """Settle, then compare what was acknowledged with what is stored and shown."""
        await asyncio.gather(*self.calling, *(one.delivered() for one in self.chats.values()))
        await self.settled(settle_seconds)
        everybody = [*self.residents, *self.chats.values()]
        acked = {one.number: one.acked for one in everybody}
        screens = {one.number: [line["text"] for line in await one.shown()] for one in self.residents}
        chats = {one.number: await one.shown() for one in self.chats.values()}
        found = await draw_up(self.db, acked, screens, chats=chats, ambiguous=self.ambiguous(), **more)
        found.sent = sum(one.sent for one in everybody)
        return found

    async def under_load(self, fault: Callable[[], Awaitable[None]], **load: Any) -> Account:
        """The account of a load during which `fault` happened and was healed."""
        writing = asyncio.create_task(self.load(**load))
        try:
            await asyncio.sleep(0.3)
            await fault()
            await writing
        finally:
            writing.cancel()
        return await self.account()

    async def until(self, fact: Callable[[], Awaitable[Any]], seconds: float = 10) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := await fact()):
            if time.monotonic() > deadline:
                raise TimeoutError("it did not become true")
            await asyncio.sleep(0.03)
        return found

    async def emergency_seconds(self) -> float:
        """How long it takes until somebody who calls for help reads the notice; stored at once or later."""
        one, began = self.resident(), time.monotonic()
        calling = asyncio.create_task(one.post({"text": "someone is breaking into my house right now"}))
        while not one.notices:
            await asyncio.sleep(0.005)
        spent = time.monotonic() - began
        assert "911" in one.notices[0]
        self.calling.append(calling)
        return spent

    def ambiguous(self) -> int:
        """Sends that may have reached Telegram although nobody knows, as the desks' logs count them."""
        lines = [line for one in self.desks for line in one.log.read_text().splitlines()]
        return sum(int(json.loads(line)["count"]) for line in lines if '"delivery.interrupted"' in line)

    async def count(self, table: str, where: str = "1 = 1") -> int:
        return await count(self.db, table, where)


def telegram_settings(telegram: SimulatorProcess) -> dict[str, str]:
    return {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}


def write_release(folder: Path) -> Path:
    """A release folder as far as the desk reads it; a light engine needs no model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.tar.gz").touch()
    document = {"id": folder.name, "model_format": MODEL_FORMAT, "languages": ["en", "es"], "topics": {}}
    (folder / "release.json").write_text(json.dumps(document))
    return folder


async def prepare(db: Database, url: str) -> None:
    """Tables, and the release that answers."""
    await upgrade(url)

    async def work(tx: Any) -> None:
        await releases.add(tx, RELEASE, data_hash="none", now=datetime.now(UTC))
        await releases.make_live(tx, RELEASE)

    await db.write(work)


@asynccontextmanager
async def city(
    nursery: Nursery,
    url: str,
    *,
    desks: int = 1,
    release: Path | None = None,
    started: bool = True,
    engine: str = "fake",
    engine_arguments: tuple[str, ...] = (),
    folder: Path | None = None,
    telegram: SimulatorProcess | None = None,
    **settings: str,
) -> AsyncIterator[World]:
    """A world on the database `url`; everything it started is ended and removed. `release`: a real one to copy."""
    # Sockets lie below it, and a socket's path may have 107 characters.
    home = folder or Path(tempfile.mkdtemp(prefix="fd-"))
    db, made = Database(url), list[DeskProcess]()
    for number in range(desks):
        own = home / f"d{number}"
        write_release(own / "var" / "releases" / RELEASE)
        if release:
            shutil.copytree(release, own / "var" / "releases" / RELEASE, dirs_exist_ok=True)
        environment = {**SCALED, "DATABASE_URL": url, **settings}
        made.append(DeskProcess(nursery, own, environment, engine, engine_arguments))
    if telegram:
        for one in made:  # one public address, as behind a proxy
            one.environment |= {"TELEGRAM_WEBHOOK_URL": made[0].url, **telegram_settings(telegram)}
    try:
        await prepare(db, url)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=5)) as session:
            world = World(home, db, made, session, telegram=telegram)
            if started:
                for one in made:
                    one.start()
                for one in made:
                    await one.up(path="/health/ready")
            yield world
    finally:
        for one in made:
            if one.pid:
                await one.kill()
        await db.close()
        shutil.rmtree(home, ignore_errors=True)
