"""Messages: the inbox and the transcript. Every message, in or out, is a row before anything acts on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import uuid7
from bot.store import conversations
from bot.store.insert import insert_or_ignore
from bot.store.tables import delivery, message

_BY_EXTERNAL_ID = select(message).where(
    message.c.channel == bindparam("channel"), message.c.external_id == bindparam("external_id")
)
_SINCE = (
    select(message, delivery.c.state.label("delivery"), delivery.c.error.label("delivery_error"))
    .outerjoin(delivery, delivery.c.message_id == message.c.id)
    .where(message.c.conversation_id == bindparam("conversation"), message.c.ord > bindparam("after"))
    .order_by(message.c.ord)
    .limit(bindparam("limit"))
)


async def by_external_id(tx: AsyncConnection, channel: str, external_id: str) -> RowMapping | None:
    """The message that a channel calls `external_id`, or None."""
    return (await tx.execute(_BY_EXTERNAL_ID, {"channel": channel, "external_id": external_id})).mappings().first()


async def by_id(tx: AsyncConnection, message_id: str) -> RowMapping | None:
    return (await tx.execute(select(message).where(message.c.id == message_id))).mappings().first()


async def add_incoming(
    tx: AsyncConnection,
    conversation_id: str,
    *,
    channel: str,
    external_id: str,
    place: int,
    sequence: int | None,
    now: datetime,
    **values: Any,
) -> RowMapping | None:
    """Store an utterance; None when this (channel, external id) is stored already: the caller then commits nothing."""
    row = {
        "id": uuid7(now),
        "conversation_id": conversation_id,
        "channel": channel,
        "external_id": external_id,
        "ord": place,
        "sequence": place if sequence is None else sequence,
        "direction": "in",
        "author": "resident",
        "at": now,
        **values,
    }
    statement = insert_or_ignore(tx, message, row, ["channel", "external_id"]).returning(message)
    stored: RowMapping | None = (await tx.execute(statement)).mappings().first()
    return stored


async def add_outgoing(
    tx: AsyncConnection, conversation_id: str, *, channel: str, pushed: bool, now: datetime, **values: Any
) -> str:
    """Store a reply; where the channel pushes, also the delivery that the outbox works on. Returns its id."""
    place = await conversations.next_ord(tx, conversation_id)
    row = {
        "id": uuid7(now),
        "conversation_id": conversation_id,
        "channel": channel,
        "ord": place,
        "sequence": place,
        "direction": "out",
        "kind": "text",
        "state": "said",
        "at": now,
        "ready_at": now,
        **values,
    }
    await tx.execute(message.insert().values(**row))
    if pushed:
        await tx.execute(
            delivery.insert().values(
                message_id=row["id"],
                conversation_id=conversation_id,
                channel=channel,
                ord=place,
                state="waiting",
                next_at=now,
            )
        )
    return str(row["id"])


async def set_state(tx: AsyncConnection, message_id: str, state: str, **values: Any) -> None:
    await tx.execute(update(message).where(message.c.id == message_id).values(state=state, **values))


async def since(tx: AsyncConnection, conversation_id: str, after: int, limit: int = 500) -> Sequence[RowMapping]:
    """The transcript after place `after`, in order, with how each delivery stands. Edits and ignored kinds included."""
    given = {"conversation": conversation_id, "after": after, "limit": limit}
    return (await tx.execute(_SINCE, given)).mappings().all()


async def waiting(tx: AsyncConnection) -> tuple[int, datetime | None]:
    """How many messages wait for a turn, and since when the oldest."""
    row = (await tx.execute(select(func.count(), func.min(message.c.at)).where(message.c.state == "waiting"))).one()
    return int(row[0]), row[1]


async def any_ready(tx: AsyncConnection, now: datetime, busy: Sequence[str]) -> bool:
    """True when a message waits that may be answered now, in a conversation that is not in `busy`."""
    statement = (
        select(message.c.id)
        .where(message.c.state == "waiting", message.c.ready_at <= now, message.c.conversation_id.not_in(busy))
        .limit(1)
    )
    return (await tx.execute(statement)).first() is not None


async def last_incoming(tx: AsyncConnection, conversation_id: str, count: int = 3) -> Sequence[RowMapping]:
    """The newest `count` things the resident wrote, newest first."""
    statement = (
        select(message)
        .where(
            message.c.conversation_id == conversation_id,
            message.c.direction == "in",
            message.c.kind.in_(["text", "button"]),
        )
        .order_by(message.c.ord.desc())
        .limit(count)
    )
    return (await tx.execute(statement)).mappings().all()


async def emergency_since(tx: AsyncConnection, conversation_id: str, since: datetime) -> bool:
    """True when the resident wrote words of danger after `since`."""
    statement = select(message.c.id).where(
        message.c.conversation_id == conversation_id,
        message.c.direction == "in",
        message.c.emergency.is_not(None),
        message.c.at >= since,
    )
    return (await tx.execute(statement.limit(1))).first() is not None
