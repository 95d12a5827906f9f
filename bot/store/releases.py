"""Releases: trained models that passed the gate, and which one answers now."""

from datetime import datetime

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.insert import insert_or_ignore
from bot.store.tables import release


async def add(tx: AsyncConnection, release_id: str, *, data_hash: str, now: datetime) -> None:
    values = {"id": release_id, "data_hash": data_hash, "created_at": now, "live": False}
    await tx.execute(insert_or_ignore(tx, release, values, ["id"]))


async def make_live(tx: AsyncConnection, release_id: str) -> None:
    await tx.execute(update(release).values(live=release.c.id == release_id))


async def live(tx: AsyncConnection) -> RowMapping | None:
    return (await tx.execute(select(release).where(release.c.live.is_(True)))).mappings().first()
