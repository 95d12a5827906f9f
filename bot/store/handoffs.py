"""Handoffs: the row is the truth about who helps a resident."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.handoff import Handoff, HandoffReason, HandoffStatus
from bot.core.ids import uuid7
from bot.store.tables import conversation, handoff, message, staff

OPEN = (HandoffStatus.WAITING.value, HandoffStatus.CLAIMED.value)


def _handoff(row: RowMapping | None) -> Handoff | None:
    if row is None:
        return None
    fields: dict[str, Any] = dict(row)
    return Handoff(**{**fields, "status": HandoffStatus(row["status"]), "reason": HandoffReason(row["reason"])})


async def request(
    tx: AsyncConnection,
    conversation_id: str,
    *,
    reason: str,
    topic: str | None,
    unit: str | None,
    summary: str,
    urgent: bool,
    now: datetime,
) -> tuple[Handoff, bool]:
    """The conversation's open handoff, made when there is none; True when it is new."""
    found = await open_of(tx, conversation_id)
    if found:
        return found, False
    handoff_id = uuid7(now)
    await tx.execute(
        handoff.insert().values(
            id=handoff_id,
            conversation_id=conversation_id,
            status=HandoffStatus.WAITING.value,
            reason=reason,
            topic=topic,
            unit=unit,
            summary=summary,
            urgent=urgent,
            requested_at=now,
        )
    )
    made = await by_id(tx, handoff_id)
    assert made is not None
    return made, True


async def by_id(tx: AsyncConnection, handoff_id: str) -> Handoff | None:
    return _handoff((await tx.execute(select(handoff).where(handoff.c.id == handoff_id))).mappings().first())


async def open_of(tx: AsyncConnection, conversation_id: str) -> Handoff | None:
    statement = select(handoff).where(handoff.c.conversation_id == conversation_id, handoff.c.status.in_(OPEN))
    return _handoff((await tx.execute(statement)).mappings().first())


async def save(tx: AsyncConnection, changed: Handoff, *, expected: HandoffStatus) -> bool:
    """Compare and set: False when somebody changed it first."""
    result = await tx.execute(
        update(handoff)
        .where(handoff.c.id == changed.id, handoff.c.status == expected.value)
        .values(
            status=changed.status.value,
            staff_id=changed.staff_id,
            claimed_at=changed.claimed_at,
            ended_at=changed.ended_at,
        )
    )
    return bool(result.rowcount)


async def list_open(tx: AsyncConnection) -> Sequence[RowMapping]:
    """Everything open, waiting first, urgent first, then by age; with channel, staff name, last time written."""
    last = (
        select(func.max(message.c.at))
        .where(message.c.conversation_id == handoff.c.conversation_id, message.c.direction == "in")
        .scalar_subquery()
    )
    statement = (
        select(
            handoff,
            conversation.c.channel,
            conversation.c.language,
            staff.c.name.label("staff_name"),
            last.label("last_text_at"),
        )
        .join(conversation, conversation.c.id == handoff.c.conversation_id)
        .outerjoin(staff, staff.c.id == handoff.c.staff_id)
        .where(handoff.c.status.in_(OPEN))
        .order_by(handoff.c.status.desc(), handoff.c.urgent.desc(), handoff.c.requested_at)
    )
    return (await tx.execute(statement)).mappings().all()


async def position(tx: AsyncConnection, waiting: Handoff) -> int:
    """How many wait before this one, plus one."""
    statement = select(func.count()).where(
        handoff.c.status == HandoffStatus.WAITING.value, handoff.c.requested_at < waiting.requested_at
    )
    return int((await tx.execute(statement)).scalar_one()) + 1


async def staff_name(tx: AsyncConnection, claimed: Handoff) -> str | None:
    """The name of whoever helps."""
    return (await tx.execute(select(staff.c.name).where(staff.c.id == claimed.staff_id))).scalar()
