"""The audit log: who did what, when, to what. Rows are chained by their hashes and never changed.

`detail` holds ids and facts, never what a resident or staff member wrote.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import audit

START = "0" * 64
_LOCK = 0x46444155  # any number that nothing else in this database uses: "FDAU"


async def append(
    tx: AsyncConnection, actor: str, action: str, object: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Add a row. Its hash covers the row before it, so a row that is changed or taken out shows."""
    if tx.dialect.name == "postgresql":
        await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = (await tx.execute(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1))).scalar()
    row = {
        "at": now,
        "actor": actor,
        "action": action,
        "object": object,
        "detail": dict(detail),
        "prev_hash": last or START,
    }
    await tx.execute(audit.insert().values(**row, hash=_hash_of(row)))


async def first_broken(tx: AsyncConnection) -> int | None:
    """The id of the first row that is not what was written, None when the chain holds."""
    before = START
    for row in await rows(tx):
        if row["prev_hash"] != before or row["hash"] != _hash_of(row):
            return int(row["id"])
        before = row["hash"]
    return None


async def rows(tx: AsyncConnection, action: str | None = None) -> Sequence[RowMapping]:
    """Every row in order, or those of one action."""
    statement = select(audit).order_by(audit.c.id)
    if action is not None:
        statement = statement.where(audit.c.action == action)
    return (await tx.execute(statement)).mappings().all()


def audit_triggers(dialect: str) -> list[str]:
    """The statements that make the database refuse to change or delete audit rows, for the migration."""
    if dialect == "postgresql":
        return [
            """CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'audit rows are never changed'; END $$""",
            """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
            FOR EACH ROW EXECUTE FUNCTION audit_is_kept()""",
            """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()""",
        ]
    return [
        f"CREATE TRIGGER audit_no_{verb} BEFORE {verb.upper()} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END"
        for verb in ("update", "delete")
    ]


def _hash_of(row: Mapping[str, Any] | RowMapping) -> str:
    at: datetime = row["at"]
    document = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "detail": row["detail"],
        **{key: row[key] for key in ("actor", "action", "object")},
    }
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256((row["prev_hash"] + canonical).encode()).hexdigest()
