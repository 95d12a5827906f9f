"""Bringing a database to this version's tables with Alembic, and refusing one that a newer version wrote."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.core.refused import Refused


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def upgrade(url: str) -> None:
    """Create or upgrade the tables. Raises Refused when the database is newer than this program."""
    await _with_connection(url, _upgrade)


async def downgrade(url: str, revision: str) -> None:
    """Take the tables back to `revision` ("base": none at all)."""

    def work(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    await _with_connection(url, work)


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise Refused(f"This database was written by a newer version (revision {current}). Start that version instead.")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Refused(f"The database could not be upgraded: {error}") from error


async def _with_connection(url: str, work) -> None:  # type: ignore[no-untyped-def]
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await asyncio.shield(engine.dispose())
