"""The audit log keeps what was written, on both databases."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.store import audit
from bot.store.db import Database
from tests.conftest import TestClock


@pytest.fixture
async def kept(db: Database) -> Database:
    """A database whose audit rows are kept by triggers, which the migration makes."""

    async def triggers(tx) -> None:  # type: ignore[no-untyped-def]
        names = "sqlite_master where type='trigger'" if db.is_sqlite else "pg_trigger where not tgisinternal"
        column = "name" if db.is_sqlite else "tgname"
        there = {row[0] for row in (await tx.execute(text(f"select {column} from {names}"))).all()}
        if not any(name.startswith("audit_no_") for name in there):
            for statement in audit.audit_triggers(tx.dialect.name):
                await tx.exec_driver_sql(statement)

    await db.write(triggers)
    return db


async def fill(db: Database, clock: TestClock, count: int = 3) -> None:
    for number in range(count):
        await db.write(lambda tx, number=number: audit.append(
            tx, "rivera", "claim", f"conversation-{number}", {"handoff": "h", "é": number}, clock()))


async def test_rows_are_chained(kept: Database, clock: TestClock) -> None:
    await fill(kept, clock)
    rows = await kept.read(audit.rows)
    assert [row["object"] for row in rows] == ["conversation-0", "conversation-1", "conversation-2"]
    assert [row["prev_hash"] for row in rows] == [audit.START, rows[0]["hash"], rows[1]["hash"]]
    assert await kept.read(audit.first_broken) is None


async def test_rows_written_at_once_make_one_chain(kept: Database, clock: TestClock) -> None:
    await asyncio.gather(*(fill(kept, clock, 1) for _ in range(12)))
    assert len(await kept.read(audit.rows)) == 12
    assert await kept.read(audit.first_broken) is None


@pytest.mark.parametrize("statement", [
    "update audit set actor = 'somebody else'", "delete from audit", "delete from audit where id = 1",
])
async def test_the_database_refuses_to_change_rows(kept: Database, clock: TestClock, statement: str) -> None:
    await fill(kept, clock)
    with pytest.raises(DBAPIError, match="never changed"):
        await kept.write(lambda tx: tx.execute(text(statement)))
    assert len(await kept.read(audit.rows)) == 3


@pytest.mark.parametrize("statement", [
    "update audit set actor = 'other' where object = 'conversation-1'",
    "update audit set detail = '{\"handoff\": \"x\"}' where object = 'conversation-1'",
    "delete from audit where object = 'conversation-1'",
])
async def test_a_row_changed_behind_its_back_shows(kept: Database, clock: TestClock, statement: str) -> None:
    await fill(kept, clock)
    for name in ("update", "delete") if kept.is_sqlite else ("change",):
        drop = f"drop trigger audit_no_{name}" + ("" if kept.is_sqlite else " on audit")
        await kept.write(lambda tx, drop=drop: tx.execute(text(drop)))
    await kept.write(lambda tx: tx.exec_driver_sql(statement))
    assert await kept.read(audit.first_broken) is not None
