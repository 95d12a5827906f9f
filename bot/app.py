"""The composition root: settings, store, desk, channels and pages become one Sanic app."""

import asyncio
import fcntl
import importlib
import os
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import structlog
from sanic import Sanic

from bot.channels.widget import widget_blueprint
from bot.console.pages import console_blueprint
from bot.core.refused import Refused
from bot.department_files import read_commands, read_department, read_gate, read_words
from bot.desk.attempts import Engines
from bot.desk.desk import Desk
from bot.desk.parts import Clock, Parts, utc_now
from bot.desk.relay import Relay
from bot.desk.supervisor import ENGINE_COMMAND, Supervisor
from bot.health import health_blueprint
from bot.releases import ReleaseFolder
from bot.settings import Settings
from bot.store import releases
from bot.store.cipher import Cipher
from bot.store.db import Database
from bot.store.migrate import upgrade
from bot.web import prepare

log = structlog.get_logger()


def build_desk(settings: Settings, engines: Engines, *, clock: Clock = utc_now) -> Desk:
    """A desk on the settings' database with the department's own files. Raises Refused in plain words."""
    department = read_department(settings.root)
    words, commands, gate = (
        read_words(settings.root, department),
        read_commands(settings.root),
        read_gate(settings.root),
    )
    db = Database(settings.database, pool_size=settings.turns_at_once + 4)
    parts = Parts(settings, db, words, commands, Cipher(settings.key()), clock)
    folder = ReleaseFolder(settings.var / "releases")
    return Desk(parts, engines, gate, topics_of=lambda release: folder.topics(release or engines.release))


def create_app(
    settings: Settings,
    *,
    engines: Engines | None = None,
    clock: Clock = utc_now,
    engine_arguments: tuple[str, ...] = (),
    engine_command: tuple[str, ...] = ENGINE_COMMAND,
) -> Sanic:
    """The whole desk as an app. `engines`: a stand-in for tests; the default runs real engine processes."""
    supervisor = (
        None if engines else Supervisor(settings, extra_arguments=engine_arguments, command=engine_command)
    )
    desk = build_desk(settings, engines or supervisor, clock=clock)  # type: ignore[arg-type]
    Sanic.test_mode = True  # several apps of one name in a test process
    app = Sanic(f"frontdesk{os.getpid()}-{id(desk)}", configure_logging=False)
    app.config.update(
        REQUEST_MAX_SIZE=1_000_000,
        REQUEST_TIMEOUT=15,
        REQUEST_MAX_HEADER_SIZE=16_384,
        KEEP_ALIVE_TIMEOUT=15,
        ACCESS_LOG=False,
        RESPONSE_TIMEOUT=60,
        WEBSOCKET_MAX_SIZE=65_536,
        MOTD=False,
        GRACEFUL_SHUTDOWN_TIMEOUT=2.0,
        FALLBACK_ERROR_FORMAT="json",
    )
    channels = _channels(settings)
    app.ctx.desk, app.ctx.supervisor, app.ctx.channels = desk, supervisor, channels
    prepare(app, desk)
    app.blueprint(widget_blueprint(desk))
    app.blueprint(console_blueprint(desk))
    app.blueprint(health_blueprint(desk, supervisor, channels))
    for channel in channels.values():
        desk.add_channel(channel, direct=channel.say_directly)
        if blueprint := channel.blueprint():
            app.blueprint(blueprint)
    _lifecycle(app, Lifecycle(settings, desk, supervisor, channels))
    return app


def _channels(settings: Settings) -> dict[str, Any]:
    if not settings.telegram_token.get_secret_value():
        return {}
    # A desk without Telegram need not load its library to get ready.
    from bot.channels.telegram import TelegramChannel

    return {"telegram": TelegramChannel(settings)}


STOP_SECONDS = 2.0


class Lifecycle:
    """Starting and stopping everything that runs beside the web server, in the right order."""

    def __init__(self, settings: Settings, desk: Desk, supervisor: Supervisor | None, channels: dict[str, Any]) -> None:
        self.settings, self.desk, self.supervisor, self.channels = settings, desk, supervisor, channels
        self.relay = Relay(desk.parts) if not desk.db.is_sqlite else None
        self._lock: int | None = None
        self._actions: Any = None

    async def start(self) -> None:
        self.settings.var.mkdir(parents=True, exist_ok=True)
        only_desk = self.desk.db.is_sqlite
        if only_desk:
            self._lock = _lock(self.settings.var / "desk.lock")
        await upgrade(self.settings.database)
        if self.desk.department.is_example:
            log.warning("department.is_example", advice="department.yml still holds the example's numbers and links")
        await self.desk.start(only_desk=only_desk)
        if self.relay:
            await self.relay.start()
        if self.supervisor:
            await self._start_engines(self.supervisor)
        for channel in self.channels.values():
            await channel.start(self.desk)

    async def _start_engines(self, supervisor: Supervisor) -> None:
        live = await self.desk.db.read(releases.live)
        folder = ReleaseFolder(self.settings.var / "releases")
        if live is None or not folder.is_usable(live["id"]):
            log.error("release.missing", advice="run: frontdesk train")
            return
        await supervisor.start(folder.path(live["id"]))
        # Loading rasa-sdk takes about a second; the engines need it only once they are ready themselves.
        route = await asyncio.to_thread(importlib.import_module, "bot.action_route")
        self._actions = await route.start_action_server(
            supervisor.action_socket, route.same_token(supervisor.token), self.desk.open_turns
        )

    async def stop(self) -> None:
        # The desk first: a reply on its way needs its channel, and one cut off would count as perhaps sent.
        await self.desk.stop()
        for name, channel in self.channels.items():
            await _within(STOP_SECONDS, name, channel.stop())
        if self.relay:
            await _within(STOP_SECONDS, "relay", self.relay.stop())
        if self.supervisor:
            await _within(STOP_SECONDS, "engines", self.supervisor.stop())
        if self._actions:
            await _within(STOP_SECONDS, "actions", self._actions.cleanup())
        await _within(STOP_SECONDS, "database", self.desk.db.close())
        if self._lock is not None:
            os.close(self._lock)


async def _within(seconds: float, part: str, stopping: Awaitable[object]) -> None:
    """A part that does not stop must not keep the process: everything that counts is committed by now."""
    try:
        async with asyncio.timeout(seconds):
            await stopping
    except TimeoutError:
        log.error("stop.hung", part=part)


def _lifecycle(app: Sanic, life: Lifecycle) -> None:
    app.ctx.life = life

    @app.before_server_start
    async def start(_app: Sanic) -> None:
        await life.start()

    @app.after_server_stop
    async def stop(_app: Sanic) -> None:
        await asyncio.shield(life.stop())


def _lock(path: Path) -> int:
    """Hold the lock file for as long as this process lives; a second desk on one SQLite database is refused."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Refused("Another desk is already running on this database. Stop it first, or use PostgreSQL.") from error
    return handle
