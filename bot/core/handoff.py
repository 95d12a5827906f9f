"""Handoffs: the conversation going to staff, and coming back. Rules as plain functions."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bot.core.refused import Refused


class HandoffStatus(str, Enum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class HandoffReason(str, Enum):
    """Why a person is needed. A closed list: counts are made from it."""

    ASKED = "asked"
    NO_ANSWER = "no_answer"
    ENGINE_FAILED = "engine_failed"
    EMERGENCY_WORDS = "emergency_words"
    OUT_OF_DATE = "out_of_date"
    LEFT_MESSAGE = "left_message"


@dataclass(frozen=True)
class Handoff:
    id: str
    conversation_id: str
    status: HandoffStatus
    reason: HandoffReason
    topic: str | None
    unit: str | None
    summary: str
    urgent: bool
    requested_at: datetime
    staff_id: str | None = None
    claimed_at: datetime | None = None
    ended_at: datetime | None = None


def claim(handoff: Handoff, *, staff_id: str, now: datetime) -> Handoff:
    if handoff.status is not HandoffStatus.WAITING:
        raise Refused("Someone is already helping this resident.", code="already_claimed")
    return replace(handoff, status=HandoffStatus.CLAIMED, staff_id=staff_id, claimed_at=now)


def end(handoff: Handoff, *, staff_id: str, status: HandoffStatus, now: datetime) -> Handoff:
    """Resolve or hand back. Only the staff member who claimed it may; others see who has it."""
    if handoff.status is not HandoffStatus.CLAIMED:
        raise Refused("This conversation is not being helped by anyone now.", code="not_claimed")
    if handoff.staff_id != staff_id:
        raise Refused("Someone else is helping this resident.", code="not_yours")
    return replace(handoff, status=status, ended_at=now)


def release(handoff: Handoff) -> Handoff:
    """Whoever claimed it is gone: the resident waits again, at the place their request had."""
    if handoff.status is not HandoffStatus.CLAIMED:
        raise Refused("This conversation is not being helped by anyone now.", code="not_claimed")
    return replace(handoff, status=HandoffStatus.WAITING, staff_id=None, claimed_at=None)


def cancel(handoff: Handoff, *, now: datetime) -> Handoff:
    """The resident left the queue, or went back to the assistant while a person was there."""
    return replace(handoff, status=HandoffStatus.CANCELLED, ended_at=now)
