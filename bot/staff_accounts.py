"""Staff accounts from the command line, under the same rules as in the console."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.passwords import Passwords
from bot.core import sign_in
from bot.core.refused import Refused
from bot.core.staff import Role, StaffMember
from bot.department_files import read_department
from bot.settings import Settings
from bot.store import audit, staff
from bot.store.db import Database


async def add(db: Database, settings: Settings, *, username: str, name: str, role: str, password: str) -> StaffMember:
    """Add an account. Raises Refused for a role that does not exist, a weak password, a taken username."""
    if role not in {one.value for one in Role}:
        raise Refused("A role is 'staff' or 'admin'.")
    username, name = sign_in.username(username), sign_in.shown_name(name)
    password = sign_in.new_password(password, most=settings.password_characters, not_containing=[username, name])
    hashed, now = await Passwords().hash(password), datetime.now(UTC)
    language = read_department(settings.root).default_language

    async def work(tx: AsyncConnection) -> StaffMember:
        made = await staff.add(
            tx, username=username, name=name, password_hash=hashed, role=Role(role), language=language, now=now
        )
        await audit.append(tx, "command line", "staff_added", made.id, {"role": role}, now)
        return made

    return await db.write(work)
