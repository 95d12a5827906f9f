"""A desk on Telegram for tests: the simulator as a process, the desk in this one, a webhook or polling between them."""

import asyncio
import functools
import itertools
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Sanic
from sqlalchemy import text as sql

from bot.channels.telegram import TelegramChannel
from bot.core.commands import Commands
from bot.core.department import DAYS, Department
from bot.core.emergency import EmergencyGate
from bot.department_files import read_commands, read_department, read_gate, read_words
from bot.desk.desk import Desk
from bot.desk.parts import Parts
from bot.desk.words import Words
from bot.dev.telegram_simulator import SimulatorProcess
from bot.settings import Settings
from bot.store.cipher import Cipher
from bot.store.db import Database
from bot.store.migrate import upgrade
from tests.scripted_engine import ScriptedEngine

ROOT = Path(__file__).parent.parent.parent
_numbers = itertools.count()
_folder = tempfile.TemporaryDirectory()


@dataclass
class TelegramDesk:
    """`told` waits for a text of the bot; every call of the simulator goes through a thread, as it waits."""

    telegram: SimulatorProcess
    channel: TelegramChannel
    desk: Desk
    engine: ScriptedEngine
    webhook: str = ""

    async def do(self, act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return await asyncio.to_thread(act, *arguments, **named)

    async def text(self, user: int, text: str) -> int:
        return int(await self.do(self.telegram.text, user, text))

    async def told(self, user: int, part: str, seconds: float = 10) -> dict[str, Any]:
        return dict(await self.do(self.telegram.wait_for_text, user, part, seconds))

    async def answers(self, user: int) -> list[str]:
        """What the scripted engine answered, in order; greetings and notices left out."""
        said = await self.do(self.telegram.from_bot, user)
        return [
            message["text"].removeprefix("answer to ") for message in said if message["text"].startswith("answer to ")
        ]

    async def until(self, fact: Callable[[], Any], seconds: float = 10) -> Any:
        return await self.do(self.telegram.wait_for, fact, seconds)

    async def rows(self, query: str) -> list[Any]:
        async def work(tx: Any) -> list[Any]:
            return list((await tx.execute(sql(query))).all())

        return list(await self.desk.db.read(work))


@functools.cache
def department_files() -> tuple[Words, Commands, EmergencyGate]:
    """Read once for all tests: the emergency lexicon alone takes a second. Every unit is open at any hour."""
    document = read_department(ROOT).document
    hours = dict.fromkeys(DAYS, "00:00-24:00")
    units = {name: {**unit, "hours": hours} for name, unit in document["units"].items()}
    always_open = Department({**document, "units": units, "holidays": []})
    return read_words(ROOT, always_open), read_commands(ROOT), read_gate(ROOT)


@asynccontextmanager
async def telegram_desk(
    tmp_path: Path, telegram: SimulatorProcess, *, webhook: bool = False, request_seconds: float = 2, **settings: Any
) -> AsyncIterator[TelegramDesk]:
    """A working desk with a scripted engine; started again on the same `tmp_path`, it finds its database."""
    listener = socket.create_server(("127.0.0.1", settings.pop("port", 0)))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    made = Settings(
        root=ROOT,
        var=tmp_path,
        secret_key="a key for tests only",
        telegram_token=telegram.token,
        telegram_api_url=telegram.url,  # type: ignore[arg-type]
        telegram_webhook_url=address if webhook else "",
        messages_per_minute=6000,
        burst_messages=1000,
        **settings,
    )
    await _prepare(tmp_path)
    db, engine, (words, commands, gate) = Database(made.database), ScriptedEngine(), department_files()
    desk = Desk(Parts(made, db, words, commands, Cipher(made.key())), engine, gate)
    channel = TelegramChannel(made, request_seconds=request_seconds, check_seconds=0.2, poll_seconds=5)
    desk.add_channel(channel, direct=channel.say_directly)
    server = await _serve(channel, listener) if webhook else None
    await desk.start()
    await channel.start(desk)
    try:
        yield TelegramDesk(telegram, channel, desk, engine, f"{address}/telegram/webhook")
    finally:
        await desk.stop()  # before the channel, as the application does: a reply under way may still be sent
        await channel.stop()
        await db.close()
        if server:
            server.close()
            await server.wait_closed()
        listener.close()
        await asyncio.sleep(0.05)  # a socket that was answered last is closed in a later round of the loop


async def _prepare(var: Path) -> None:
    """An empty database with every table: made once, copied for each test."""
    database = var / "frontdesk.sqlite3"
    if not database.exists():
        var.mkdir(parents=True, exist_ok=True)
        template = Path(_folder.name) / "frontdesk.sqlite3"
        if not template.exists():
            await upgrade(f"sqlite+aiosqlite:///{template}")
        shutil.copy(template, database)


async def _serve(channel: TelegramChannel, listener: socket.socket) -> Any:
    app = Sanic(f"telegram-test-{next(_numbers)}", configure_logging=False)
    app.config.TOUCHUP = False  # it rewrites Sanic once a process; tests make many applications
    app.config.KEEP_ALIVE = False
    blueprint = channel.blueprint()
    assert blueprint
    app.blueprint(blueprint)
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    assert server
    await server.startup()
    await server.start_serving()
    return server
