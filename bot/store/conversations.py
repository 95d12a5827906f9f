"""Conversations: one resident on one channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import uuid7
from bot.core.message import Owner
from bot.store.insert import insert_or_ignore
from bot.store.tables import conversation, message

# A dialogue's state is up to 85 kB of JSON, and only a turn reads it: `lease_next` brings it, nothing else does.
WITHOUT_STATE = tuple(column for column in conversation.c if column.name not in {"state", "draft"})
_BY_KEY = select(*WITHOUT_STATE).where(conversation.c.chat_key == bindparam("key"))
_WAITING = (
    select(message.c.id)
    .where(message.c.conversation_id == bindparam("id"), message.c.state == "waiting")
    .limit(1)
)


async def by_key(tx: AsyncConnection, chat_key: str) -> RowMapping | None:
    """The conversation without its dialogue's state, or None."""
    return (await tx.execute(_BY_KEY, {"key": chat_key})).mappings().first()


async def by_id(tx: AsyncConnection, conversation_id: str) -> RowMapping | None:
    """The conversation without its dialogue's state, or None."""
    return (await tx.execute(select(*WITHOUT_STATE).where(conversation.c.id == conversation_id))).mappings().first()


async def find_or_create(
    tx: AsyncConnection, chat_key: str, *, channel: str, chat_ref: str | None, language: str, now: datetime
) -> RowMapping:
    """The conversation of `chat_key`, created when it is the first message. `chat_ref` is encrypted already."""
    found = await by_key(tx, chat_key)
    if found is None:
        values = {
            "id": uuid7(now),
            "channel": channel,
            "chat_key": chat_key,
            "chat_ref": chat_ref,
            "language": language,
            "created_at": now,
            "last_at": now,
        }
        await tx.execute(insert_or_ignore(tx, conversation, values, ["chat_key"]))
        found = await by_key(tx, chat_key)
        assert found is not None
    return found


async def next_ord(tx: AsyncConnection, conversation_id: str, **values: Any) -> int:
    """Draw the next place in the conversation, and set `values` with it."""
    statement = (
        update(conversation)
        .where(conversation.c.id == conversation_id)
        .values(next_ord=conversation.c.next_ord + 1, **values)
        .returning(conversation.c.next_ord)
    )
    return int((await tx.execute(statement)).scalar_one()) - 1


async def take_in(
    tx: AsyncConnection, conversation_id: str, *, lease: str | None, now: datetime, until: datetime, **values: Any
) -> tuple[RowMapping, bool]:
    """Draw the next place for an utterance, set `values`, and take the conversation with it where nobody has it.

    Returns (the conversation with its state, whether `lease` holds it now). The place drawn is its next_ord - 1.
    A conversation in which something waits already is not taken: that is answered first.
    """
    free = or_(conversation.c.lease_until.is_(None), conversation.c.lease_until < now)
    if lease is not None:
        taken = {"lease": lease, "lease_until": until}
        values |= {name: case((free, value), else_=conversation.c[name]) for name, value in taken.items()}
    statement = update(conversation).where(conversation.c.id == conversation_id)
    statement = statement.values(next_ord=conversation.c.next_ord + 1, **values).returning(conversation)
    row = (await tx.execute(statement)).mappings().one()
    if lease is None or row["lease"] != lease:
        return row, False
    if row["next_ord"] > 2 and (await tx.execute(_WAITING, {"id": conversation_id})).first():
        await release_lease(tx, conversation_id, lease)
        return row, False
    return row, True


async def change(tx: AsyncConnection, conversation_id: str, **values: Any) -> None:
    await tx.execute(update(conversation).where(conversation.c.id == conversation_id).values(**values))


async def set_owner(tx: AsyncConnection, conversation_id: str, owner: Owner) -> None:
    """Change who answers. The version grows, so that a turn that was under way is dropped."""
    await change(tx, conversation_id, owner=owner.value, version=conversation.c.version + 1)


async def lease_next(
    tx: AsyncConnection, *, lease: str, now: datetime, until: datetime, busy: Sequence[str] = ()
) -> tuple[RowMapping, RowMapping] | None:
    """Take the conversation whose oldest unanswered message has waited longest; (conversation, message) or None.

    One conversation has at most one lease, so its messages are answered one at a time and in order. `busy` are the
    conversations this desk works on already.
    """
    earlier = message.alias("earlier")
    head = (
        select(message.c.id, message.c.conversation_id)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(
            message.c.state == "waiting",
            message.c.ready_at <= now,
            or_(conversation.c.lease_until.is_(None), conversation.c.lease_until < now),
            conversation.c.id.not_in(busy),
            ~select(earlier.c.id)
            .where(
                earlier.c.conversation_id == message.c.conversation_id,
                earlier.c.state == "waiting",
                earlier.c.sequence < message.c.sequence,
            )
            .exists(),
        )
        .order_by(message.c.ready_at, message.c.id)
        .limit(1)
    )
    if tx.dialect.name == "postgresql":
        head = head.with_for_update(of=conversation, skip_locked=True)
    found = (await tx.execute(head)).first()
    if found is None:
        return None
    # Another desk may have answered it since `head` was read: PostgreSQL looks again at the locked row only.
    still_waits = message.c.state == "waiting"
    taking = update(message).where(message.c.id == found.id, still_waits).values(attempts=message.c.attempts + 1)
    taken = (await tx.execute(taking.returning(message))).mappings().first()
    if taken is None:
        return None
    leasing = update(conversation).where(conversation.c.id == found.conversation_id)
    leasing = leasing.values(lease=lease, lease_until=until)
    return (await tx.execute(leasing.returning(conversation))).mappings().one(), taken


async def holds_lease(tx: AsyncConnection, conversation_id: str, lease: str) -> RowMapping | None:
    """The conversation, locked and without its state, when `lease` still holds it; None when it is another's."""
    statement = select(*WITHOUT_STATE).where(conversation.c.id == conversation_id, conversation.c.lease == lease)
    if tx.dialect.name == "postgresql":
        statement = statement.with_for_update()
    return (await tx.execute(statement)).mappings().first()


async def release_lease(tx: AsyncConnection, conversation_id: str, lease: str) -> None:
    await tx.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id, conversation.c.lease == lease)
        .values(lease=None, lease_until=None)
    )


async def release_all_leases(tx: AsyncConnection) -> None:
    """At the start of the only desk on this database: what a killed one held is free at once."""
    await tx.execute(update(conversation).values(lease=None, lease_until=None).where(conversation.c.lease.is_not(None)))


async def postpone(tx: AsyncConnection, conversation_id: str, lease: str, until: datetime) -> None:
    """Keep the conversation untouched until `until`, then anybody may take it."""
    await tx.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id, conversation.c.lease == lease)
        .values(lease_until=until)
    )
