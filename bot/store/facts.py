"""Small things that must survive a restart."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import fact


async def get(tx: AsyncConnection, name: str) -> str | None:
    return (await tx.execute(select(fact.c.value).where(fact.c.name == name))).scalar()


async def put(tx: AsyncConnection, name: str, value: str) -> None:
    await tx.execute(delete(fact).where(fact.c.name == name))
    await tx.execute(fact.insert().values(name=name, value=value))
