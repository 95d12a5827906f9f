"""Deliveries: replies on their way to channels that push. At least once; twice only when an answer was lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import conversation, delivery, message

OPEN = ("waiting", "sending")


async def lease_due(
    tx: AsyncConnection, channel: str, *, now: datetime, until: datetime, limit: int
) -> Sequence[RowMapping]:
    """Take the first undelivered reply of up to `limit` conversations whose turn has come, oldest first."""
    earlier = delivery.alias("earlier")
    due = (
        select(delivery.c.message_id)
        .where(
            delivery.c.channel == channel,
            delivery.c.state == "waiting",
            delivery.c.next_at <= now,
            or_(delivery.c.lease_until.is_(None), delivery.c.lease_until < now),
            ~select(earlier.c.message_id)
            .where(
                earlier.c.conversation_id == delivery.c.conversation_id,
                earlier.c.ord < delivery.c.ord,
                earlier.c.state.in_(OPEN),
            )
            .exists(),
        )
        .order_by(delivery.c.next_at, delivery.c.message_id)
        .limit(limit)
    )
    if tx.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    ids = list((await tx.execute(due)).scalars())
    if not ids:
        return []
    await tx.execute(
        update(delivery)
        .where(delivery.c.message_id.in_(ids))
        .values(state="sending", lease_until=until, attempts=delivery.c.attempts + 1)
    )
    statement = (
        select(message, delivery.c.attempts.label("tries"), conversation.c.chat_ref, conversation.c.language)
        .join(delivery, delivery.c.message_id == message.c.id)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(message.c.id.in_(ids))
    )
    return (await tx.execute(statement)).mappings().all()


async def finish(
    tx: AsyncConnection,
    message_id: str,
    *,
    state: str,
    next_at: datetime,
    provider_id: str | None = None,
    error: str | None = None,
) -> None:
    """Record how a send went; `state` waiting means again at `next_at`."""
    await tx.execute(
        update(delivery)
        .where(delivery.c.message_id == message_id)
        .values(state=state, next_at=next_at, lease_until=None, provider_id=provider_id, error=error)
    )


async def fail_rest(tx: AsyncConnection, conversation_id: str, *, error: str) -> None:
    """The resident blocked us: nothing more is tried, and staff see why."""
    await tx.execute(
        update(delivery)
        .where(delivery.c.conversation_id == conversation_id, delivery.c.state.in_(OPEN))
        .values(state="failed", error=error, lease_until=None)
    )


async def take_back_interrupted(tx: AsyncConnection, channel: str, now: datetime, *, all_of_them: bool = False) -> int:
    """Sends that a killed desk left open are tried again: at least once, at the price of one possible repetition.

    `all_of_them` at the start of the only desk; otherwise those whose lease has run out. Returns how many: they are
    the ambiguous ones, marked "interrupted".
    """
    due = (delivery.c.state == "sending") & (delivery.c.channel == channel)
    if not all_of_them:
        due = due & (delivery.c.lease_until < now)
    result = await tx.execute(
        update(delivery).where(due).values(state="waiting", next_at=now, error="interrupted", lease_until=None)
    )
    return int(result.rowcount)


async def any_due(tx: AsyncConnection, channel: str, now: datetime) -> bool:
    """True when a reply waits that may be sent now."""
    statement = (
        select(delivery.c.message_id)
        .where(delivery.c.channel == channel, delivery.c.state == "waiting", delivery.c.next_at <= now)
        .limit(1)
    )
    return (await tx.execute(statement)).first() is not None


async def counts(tx: AsyncConnection) -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = await tx.execute(select(delivery.c.state, func.count()).group_by(delivery.c.state))
    return {str(state): int(count) for state, count in rows.all()}
