"""Staff sessions. Only the sha256 of a session's token is stored: who reads the database cannot sign in with it."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.sign_in import is_session_over
from bot.core.staff import StaffMember
from bot.store import staff as accounts
from bot.store.tables import handoff, session, staff

TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class StaffSession:
    """A session that is still good. `csrf` is the token that its forms carry."""

    token_hash: str
    csrf: str
    staff: StaffMember
    last_seen_at: datetime

    def is_due(self, now: datetime) -> bool:
        """True when `last_seen_at` is to be written again: once a minute, not once a request."""
        return now - self.last_seen_at >= TOUCH_EVERY


def hash_of(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


async def open_one(tx: AsyncConnection, staff_id: str, now: datetime) -> str:
    """Start a session; returns its token (256 random bits), which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    await tx.execute(
        session.insert().values(
            token_hash=hash_of(token),
            staff_id=staff_id,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            last_seen_at=now,
        )
    )
    return token


async def find(
    tx: AsyncConnection, token_hash: str, *, now: datetime, idle: timedelta, longest: timedelta
) -> StaffSession | None:
    """The session of `token_hash`, None when it ended, ran out, or its account is no longer active."""
    statement = (
        select(
            session.c.token_hash, session.c.csrf, session.c.created_at.label("opened_at"), session.c.last_seen_at, staff
        )
        .join(staff, staff.c.id == session.c.staff_id)
        .where(session.c.token_hash == token_hash, session.c.ended_at.is_(None), staff.c.active)
    )
    row = (await tx.execute(statement)).mappings().first()
    if row is None or not hmac.compare_digest(row["token_hash"], token_hash):
        return None
    opened_at, seen_at = row["opened_at"], row["last_seen_at"]
    if is_session_over(created_at=opened_at, last_seen_at=seen_at, now=now, idle=idle, longest=longest):
        return None
    return StaffSession(row["token_hash"], row["csrf"], accounts.view(row), seen_at)


async def touch(tx: AsyncConnection, token_hash: str, now: datetime) -> None:
    await tx.execute(update(session).where(session.c.token_hash == token_hash).values(last_seen_at=now))


async def end(tx: AsyncConnection, token_hash: str, now: datetime) -> None:
    await tx.execute(
        update(session).where(session.c.token_hash == token_hash, session.c.ended_at.is_(None)).values(ended_at=now)
    )


async def end_all(tx: AsyncConnection, staff_id: str, now: datetime) -> int:
    """Sign somebody out everywhere; returns how many sessions that ended."""
    result = await tx.execute(
        update(session).where(session.c.staff_id == staff_id, session.c.ended_at.is_(None)).values(ended_at=now)
    )
    return int(result.rowcount)


async def claims_of_absent_staff(
    tx: AsyncConnection, *, now: datetime, idle: timedelta, longest: timedelta, grace: timedelta
) -> Sequence[RowMapping]:
    """Claimed handoffs (id, conversation_id, staff_id, staff_name, username) whose staff member has no good session.

    A claim younger than `grace` is left alone.
    """
    good = select(session.c.token_hash).where(
        session.c.staff_id == handoff.c.staff_id,
        session.c.ended_at.is_(None),
        session.c.last_seen_at > now - idle,
        session.c.created_at > now - longest,
    )
    statement = (
        select(
            handoff.c.id,
            handoff.c.conversation_id,
            staff.c.id.label("staff_id"),
            staff.c.name.label("staff_name"),
            staff.c.username,
        )
        .join(staff, staff.c.id == handoff.c.staff_id)
        .where(handoff.c.status == "claimed", handoff.c.claimed_at < now - grace, ~good.exists())
    )
    return (await tx.execute(statement)).mappings().all()


async def remove_old(tx: AsyncConnection, before: datetime) -> int:
    """Forget sessions that began before `before`: they are over in any case."""
    return int((await tx.execute(session.delete().where(session.c.created_at < before))).rowcount)
