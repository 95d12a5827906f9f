"""Sessions and one-time links, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.staff import Role, StaffMember
from bot.store import invites, sessions, staff
from bot.store.db import Database
from tests.conftest import TestClock

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)


@pytest.fixture
async def ana(db: Database, clock: TestClock) -> StaffMember:
    return await db.write(lambda tx: staff.add(
        tx, username="ana", name="Ana", password_hash="h", role=Role.STAFF, language="es", now=clock()))


async def find(db: Database, clock: TestClock, token: str) -> sessions.StaffSession | None:
    return await db.read(lambda tx: sessions.find(
        tx, sessions.hash_of(token), now=clock(), idle=IDLE, longest=LONGEST))


async def test_a_session_is_found_by_its_token_only(db: Database, clock: TestClock, ana: StaffMember) -> None:
    token = await db.write(lambda tx: sessions.open_one(tx, ana.id, clock()))
    found = await find(db, clock, token)
    assert found is not None
    assert (found.staff, len(found.csrf), len(token)) == (ana, 32, 43)
    for wrong in ("", token[:-1], token + "x", sessions.hash_of(token), "\udcff"):
        assert await find(db, clock, wrong) is None


async def test_a_session_runs_out_and_is_kept_by_touching(db: Database, clock: TestClock, ana: StaffMember) -> None:
    token = await db.write(lambda tx: sessions.open_one(tx, ana.id, clock()))
    clock.forward(minutes=29)
    await db.write(lambda tx: sessions.touch(tx, sessions.hash_of(token), clock()))
    clock.forward(minutes=29)
    assert await find(db, clock, token) is not None
    clock.forward(minutes=2)
    assert await find(db, clock, token) is None


async def test_sessions_are_ended_one_by_one_and_all_together(db: Database, clock: TestClock, ana: StaffMember) -> None:
    one, two, three = [await db.write(lambda tx: sessions.open_one(tx, ana.id, clock())) for _ in range(3)]
    await db.write(lambda tx: sessions.end(tx, sessions.hash_of(one), clock()))
    assert await find(db, clock, one) is None
    assert await find(db, clock, two) is not None
    assert await db.write(lambda tx: sessions.end_all(tx, ana.id, clock())) == 2
    assert await find(db, clock, three) is None


async def test_an_inactive_account_has_no_session(db: Database, clock: TestClock, ana: StaffMember) -> None:
    token = await db.write(lambda tx: sessions.open_one(tx, ana.id, clock()))
    await db.write(lambda tx: staff.set_active(tx, ana.id, active=False))
    assert await find(db, clock, token) is None


async def test_old_sessions_are_forgotten(db: Database, clock: TestClock, ana: StaffMember) -> None:
    await db.write(lambda tx: sessions.open_one(tx, ana.id, clock()))
    assert await db.write(lambda tx: sessions.remove_old(tx, clock.now - timedelta(days=1))) == 0
    assert await db.write(lambda tx: sessions.remove_old(tx, clock.now + timedelta(days=1))) == 1


async def test_a_link_is_good_once(db: Database, clock: TestClock) -> None:
    code = await db.write(lambda tx: invites.create(tx, Role.ADMIN, clock(), 15))
    assert await db.write(lambda tx: invites.use(tx, "another", clock())) is None
    results = await asyncio.gather(*(db.write(lambda tx: invites.use(tx, code, clock())) for _ in range(4)))
    assert sorted(map(str, results)) == sorted([str(Role.ADMIN), "None", "None", "None"])


@pytest.mark.parametrize("seconds, expected", [(14 * 60 + 58, Role.STAFF), (15 * 60, None), (86_400, None)])
async def test_a_link_is_good_for_its_minutes(
    db: Database, clock: TestClock, seconds: float, expected: Role | None
) -> None:
    code = await db.write(lambda tx: invites.create(tx, Role.STAFF, clock(), 15))
    clock.forward(seconds=seconds)
    assert await db.write(lambda tx: invites.use(tx, code, clock())) is expected


async def test_codes_and_tokens_are_stored_as_hashes(db: Database, clock: TestClock, ana: StaffMember) -> None:
    code = await db.write(lambda tx: invites.create(tx, Role.STAFF, clock(), 15))
    token = await db.write(lambda tx: sessions.open_one(tx, ana.id, clock()))
    for table in ("invite", "session"):
        stored = str((await db.read(lambda tx, table=table: tx.exec_driver_sql(f"select * from {table}"))).all())
        assert code not in stored
        assert token not in stored
