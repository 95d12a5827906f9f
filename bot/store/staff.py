"""Staff accounts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import uuid7
from bot.core.refused import Refused
from bot.core.sign_in import Tries, after_failure
from bot.core.staff import Role, StaffMember
from bot.store.insert import insert_or_ignore
from bot.store.tables import staff


async def add(
    tx: AsyncConnection, *, username: str, name: str, password_hash: str, role: Role, language: str, now: datetime
) -> StaffMember:
    """Add an account. Raises Refused when the username is taken, also by an account that is no longer active."""
    staff_id = uuid7(now)
    values = {
        "id": staff_id,
        "username": username,
        "name": name,
        "password_hash": password_hash,
        "role": role.value,
        "language": language,
        "created_at": now,
    }
    result = await tx.execute(insert_or_ignore(tx, staff, values, ["username"]))
    if not result.rowcount:
        raise Refused("This username is taken.", code="username_taken")
    found = await by_id(tx, staff_id)
    assert found is not None
    return found


async def by_id(tx: AsyncConnection, staff_id: str) -> StaffMember | None:
    row = (await tx.execute(select(staff).where(staff.c.id == staff_id))).mappings().first()
    return view(row) if row else None


async def list_all(tx: AsyncConnection) -> Sequence[StaffMember]:
    """Everybody, by username; accounts that are no longer active too."""
    return [view(row) for row in (await tx.execute(select(staff).order_by(staff.c.username))).mappings()]


async def count_active(tx: AsyncConnection, role: Role | None = None) -> int:
    """How many may sign in. 0 means that the first admin is still to come."""
    statement = select(func.count()).select_from(staff).where(staff.c.active)
    if role is not None:
        statement = statement.where(staff.c.role == role.value)
    return int((await tx.execute(statement)).scalar_one())


async def password_hash(tx: AsyncConnection, username: str) -> str | None:
    """The stored hash, None for an unknown or inactive account."""
    statement = select(staff.c.password_hash).where(staff.c.username == username, staff.c.active)
    return (await tx.execute(statement)).scalar()


async def settle_try(
    tx: AsyncConnection, username: str, *, is_right: bool, now: datetime, most: int, wait: timedelta
) -> tuple[StaffMember | None, str | None]:
    """Settle a sign-in in the transaction that counts it: (who, None) if it succeeds, else (None, account id or None).

    The lock is looked at here, after the password, so that any number of tries at once are counted one by one and a
    locked account takes as long to answer as any other.
    """
    statement = select(staff).where(staff.c.username == username, staff.c.active)
    if tx.dialect.name == "postgresql":
        statement = statement.with_for_update()
    row = (await tx.execute(statement)).mappings().first()
    if row is None:
        return None, None
    tries = Tries(row["failed_tries"], row["locked_until"])
    if is_right and not tries.is_locked(now):
        await _set_tries(tx, row["id"], Tries())
        return view(row), None
    await _set_tries(tx, row["id"], after_failure(tries, now=now, most=most, wait=wait))
    return None, row["id"]


async def set_language(tx: AsyncConnection, staff_id: str, language: str) -> None:
    await tx.execute(update(staff).where(staff.c.id == staff_id).values(language=language))


async def set_password(tx: AsyncConnection, staff_id: str, password_hash: str) -> None:
    await tx.execute(update(staff).where(staff.c.id == staff_id).values(password_hash=password_hash))


async def set_active(tx: AsyncConnection, staff_id: str, *, active: bool) -> None:
    """Let somebody in, or no longer. Raises Refused for the last admin: nobody could let anybody in again."""
    found = await by_id(tx, staff_id)
    if found is None:
        raise Refused("There is no such account.", code="unknown_staff")
    if not active and found.active and found.is_admin and await count_active(tx, Role.ADMIN) == 1:
        raise Refused("This is the only admin. Add another one first.", code="last_admin")
    await tx.execute(update(staff).where(staff.c.id == staff_id).values(active=active))


def view(row: RowMapping) -> StaffMember:
    return StaffMember(row["id"], row["username"], row["name"], Role(row["role"]), row["language"], row["active"])


async def _set_tries(tx: AsyncConnection, staff_id: str, tries: Tries) -> None:
    await tx.execute(
        update(staff).where(staff.c.id == staff_id).values(failed_tries=tries.failed, locked_until=tries.locked_until)
    )
