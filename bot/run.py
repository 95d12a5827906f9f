"""``frontdesk run``: the desk and its engines, from an empty folder to the first answer."""

import asyncio
import time
from datetime import UTC, datetime

from rich.console import Console

from bot.app import create_app
from bot.core.refused import Refused
from bot.core.staff import Role
from bot.logs import configure
from bot.progress import bar
from bot.releases import ReleaseFolder
from bot.settings import Settings
from bot.store import invites, releases, staff, topics
from bot.store.db import Database
from bot.store.migrate import upgrade
from bot.train import import_topics, train

console = Console(stderr=True, highlight=False)


def run(settings: Settings) -> None:
    """Prepare what is missing (tables, topics, a first release), then serve until Ctrl-C or SIGTERM."""
    configure(settings.log_level)
    settings.var.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    link = asyncio.run(_prepare(settings))
    app = create_app(settings)

    @app.after_server_start
    async def ready(_app: object) -> None:
        supervisor = app.ctx.supervisor

        async def announce() -> None:
            await supervisor.wait_ready(settings.engine_start_seconds)
            _announce(settings, link, time.monotonic() - began)

        app.add_task(announce())

    # One process: conversations' locks, live updates and the action socket live in it; more desks are more machines.
    app.run(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False, debug=False)


async def _prepare(settings: Settings) -> str | None:
    """Tables, topics, release; returns a one-time link when there is no admin yet."""
    with _Stage("database"):
        await upgrade(settings.database)
    db = Database(settings.database)
    try:
        if not await db.read(topics.count):
            with _Stage("topics"):
                await import_topics(settings, db, by="first start")
        live = await db.read(releases.live)
        if live is None or not ReleaseFolder(settings.var / "releases").is_usable(live["id"]):
            with bar("Training a release") as progress:
                done = await train(settings, db, progress=progress)
            console.print(f"  trained {done.topics} topics in {done.seconds:.1f} s")
        return await _first_admin_link(settings, db)
    finally:
        await db.close()


async def _first_admin_link(settings: Settings, db: Database) -> str | None:
    if await db.read(lambda tx: staff.count_active(tx, Role.ADMIN)):
        return None
    code = await db.write(lambda tx: invites.create(tx, Role.ADMIN, datetime.now(UTC), settings.invite_minutes))
    return f"{settings.address}/console/welcome#{code}"


class _Stage:
    """Prints how long a stage took."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.began = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            console.print(f"  {self.name} ready in {time.monotonic() - self.began:.1f} s")


def _announce(settings: Settings, link: str | None, seconds: float) -> None:
    console.print(f"\nFrontdesk is ready ({seconds:.1f} s).")
    console.print(f"  Residents:  {settings.address}/")
    console.print(f"  Plain page: {settings.address}/chat")
    console.print(f"  Staff:      {settings.address}/console")
    if link:
        console.print(f"  First admin, within {settings.invite_minutes} minutes, once:\n    {link}", soft_wrap=True)
    console.print("  Ctrl-C stops everything.\n")


def serve(settings: Settings) -> None:
    """Run, and say in plain words why it could not."""
    try:
        run(settings)
    except Refused as error:
        console.print(f"Frontdesk cannot start: {error}", style="bold red")
        raise SystemExit(1) from error
