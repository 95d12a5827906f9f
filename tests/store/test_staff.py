"""Accounts, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.refused import Refused
from bot.core.staff import Role, StaffMember
from bot.store import staff
from bot.store.db import Database
from tests.conftest import TestClock

WAIT = timedelta(minutes=5)


async def add(db: Database, clock: TestClock, username: str, role: Role = Role.STAFF) -> StaffMember:
    return await db.write(lambda tx: staff.add(
        tx, username=username, name=username.title(), password_hash="h", role=role, language="en", now=clock()))


async def settle(db: Database, clock: TestClock, is_right: bool) -> tuple[StaffMember | None, str | None]:
    now = clock()
    return await db.write(lambda tx: staff.settle_try(tx, "ana", is_right=is_right, now=now, most=3, wait=WAIT))


async def test_an_account_is_added_found_and_listed(db: Database, clock: TestClock) -> None:
    assert await db.read(staff.count_active) == 0
    ana = await add(db, clock, "ana", Role.ADMIN)
    await add(db, clock, "Bo".lower())
    assert (ana.username, ana.role, ana.is_admin, ana.active) == ("ana", Role.ADMIN, True, True)
    assert await db.read(lambda tx: staff.by_id(tx, ana.id)) == ana
    assert [one.username for one in await db.read(staff.list_all)] == ["ana", "bo"]
    assert await db.read(staff.count_active) == 2


async def test_a_username_is_given_once(db: Database, clock: TestClock) -> None:
    results = await asyncio.gather(*(add(db, clock, "ana") for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Refused", "Refused", "StaffMember"]


async def test_failed_tries_are_counted_and_a_right_one_begins_anew(db: Database, clock: TestClock) -> None:
    ana = await add(db, clock, "ana")
    assert await settle(db, clock, False) == (None, ana.id)
    assert await settle(db, clock, False) == (None, ana.id)
    assert await settle(db, clock, True) == (ana, None)
    for _ in range(2):
        await settle(db, clock, False)
    assert await settle(db, clock, True) == (ana, None)


async def test_a_locked_account_refuses_the_right_password_for_a_while(db: Database, clock: TestClock) -> None:
    ana = await add(db, clock, "ana")
    for _ in range(3):
        await settle(db, clock, False)
    assert await settle(db, clock, True) == (None, ana.id)
    clock.forward(minutes=5)
    assert await settle(db, clock, True) == (ana, None)


async def test_any_number_of_tries_at_once_are_counted(db: Database, clock: TestClock) -> None:
    ana = await add(db, clock, "ana")
    await asyncio.gather(*(settle(db, clock, False) for _ in range(6)))
    assert await settle(db, clock, True) == (None, ana.id)


async def test_an_unknown_or_inactive_account_has_no_password(db: Database, clock: TestClock) -> None:
    ana = await add(db, clock, "ana")
    assert await db.read(lambda tx: staff.password_hash(tx, "ana")) == "h"
    await db.write(lambda tx: staff.set_active(tx, ana.id, active=False))
    for name in ("ana", "nobody"):
        assert await db.read(lambda tx, name=name: staff.password_hash(tx, name)) is None
    assert await settle(db, clock, True) == (None, None)


async def test_the_last_admin_stays(db: Database, clock: TestClock) -> None:
    ana, bo = await add(db, clock, "ana", Role.ADMIN), await add(db, clock, "bo", Role.ADMIN)
    await db.write(lambda tx: staff.set_active(tx, bo.id, active=False))
    with pytest.raises(Refused, match="only admin"):
        await db.write(lambda tx: staff.set_active(tx, ana.id, active=False))
