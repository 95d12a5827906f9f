"""One-time links that create an account. Only the sha256 of a link's code is stored."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.staff import Role
from bot.store.tables import invite


async def create(tx: AsyncConnection, role: Role, now: datetime, minutes: float) -> str:
    """A new code, 256 random bits, good once within `minutes`. It goes into a fragment: /console/welcome#code."""
    code = secrets.token_urlsafe(32)
    await tx.execute(
        invite.insert().values(
            code_hash=_hash_of(code), role=Role(role).value, expires_at=now + timedelta(minutes=minutes)
        )
    )
    return code


async def use(tx: AsyncConnection, code: str, now: datetime) -> Role | None:
    """Spend `code`; the role it gives, or None when it is unknown, spent or too old. Of two at once, one gets it."""
    code_hash = _hash_of(code)
    spent = await tx.execute(
        update(invite)
        .where(invite.c.code_hash == code_hash, invite.c.used_at.is_(None), invite.c.expires_at > now)
        .values(used_at=now)
    )
    if spent.rowcount != 1:
        return None
    return Role((await tx.execute(select(invite.c.role).where(invite.c.code_hash == code_hash))).scalar_one())


def _hash_of(code: str) -> str:
    return sha256(code.encode("utf-8", "replace")).hexdigest()
