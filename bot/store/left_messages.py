"""Messages left for a unit through the form, each with its reference."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, select, update
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


async def list_recent(tx: AsyncConnection, handled: int = 50) -> Sequence[RowMapping]:
    """Every message that waits, oldest first, then the newest `handled` ones that are dealt with."""
    waiting = select(left_message).where(left_message.c.status == "received").order_by(left_message.c.at)
    done = (
        select(left_message).where(left_message.c.status == "handled").order_by(left_message.c.at.desc()).limit(handled)
    )
    return [*(await tx.execute(waiting)).mappings(), *(await tx.execute(done)).mappings()]


async def mark_handled(tx: AsyncConnection, reference: str) -> bool:
    """True when the message waited until now."""
    statement = update(left_message).where(left_message.c.reference == reference, left_message.c.status == "received")
    return bool((await tx.execute(statement.values(status="handled"))).rowcount)


async def by_reference(tx: AsyncConnection, reference: str) -> RowMapping | None:
    return (await tx.execute(select(left_message).where(left_message.c.reference == reference))).mappings().first()
