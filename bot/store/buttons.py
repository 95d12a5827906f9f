"""Buttons: opaque ids that stand for a topic, a value or a command, valid in one conversation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import secret_id
from bot.core.message import Button
from bot.store.tables import button


async def add(
    tx: AsyncConnection, conversation_id: str, message_id: str, buttons: Sequence[Button]
) -> list[dict[str, str]]:
    """Store what may be pressed under a reply; returns ``{id, title}`` for the wire."""
    rows = [
        {
            "id": secret_id(),
            "conversation_id": conversation_id,
            "message_id": message_id,
            "title": one.title[:200],
            "topic": one.topic,
            "value": one.value,
            "command": one.command,
        }
        for one in buttons
    ]
    if rows:
        await tx.execute(button.insert(), rows)
    return [{"id": str(row["id"]), "title": str(row["title"])} for row in rows]


async def find(tx: AsyncConnection, conversation_id: str, button_id: str) -> RowMapping | None:
    """The button, only when it belongs to this conversation."""
    statement = select(button).where(button.c.id == button_id, button.c.conversation_id == conversation_id)
    return (await tx.execute(statement)).mappings().first()


async def mark_used(tx: AsyncConnection, button_id: str, now: datetime) -> None:
    await tx.execute(update(button).where(button.c.id == button_id, button.c.used_at.is_(None)).values(used_at=now))
