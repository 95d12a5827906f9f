"""Messages left for a unit through the form, each with its reference."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.effects import MessageLeft
from bot.store.tables import left_message


async def add(tx: AsyncConnection, conversation_id: str, left: MessageLeft, now: datetime) -> None:
    await tx.execute(
        left_message.insert().values(
            reference=left.reference,
            conversation_id=conversation_id,
            unit=left.unit,
            about=left.about,
            contact=left.contact,
            topic=left.topic,
            status="received",
            at=now,
        )
    )


async def count_open(tx: AsyncConnection, conversation_id: str) -> int:
    statement = select(func.count()).where(
        left_message.c.conversation_id == conversation_id, left_message.c.status == "received"
    )
    return int((await tx.execute(statement)).scalar_one())
