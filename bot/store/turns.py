"""Turns: one message and what came of it, kept so that any past turn can be replayed."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import uuid7
from bot.store.tables import turn


async def add(tx: AsyncConnection, *, message_id: str, conversation_id: str, now: datetime, **values: Any) -> None:
    """Record a turn. A message has at most one: a second insert fails and takes its transaction with it."""
    await tx.execute(
        turn.insert().values(id=uuid7(now), message_id=message_id, conversation_id=conversation_id, at=now, **values)
    )


async def of_message(tx: AsyncConnection, message_id: str) -> RowMapping | None:
    return (await tx.execute(select(turn).where(turn.c.message_id == message_id))).mappings().first()
