"""SQLite without a thread trip for every statement.

aiosqlite hands each statement of a connection to a thread of its own: four trips there and back a statement, some 150 a
turn, and they took most of a turn's processor time (docs/decisions/0004-sqlite-near.md). A statement on a local WAL
database takes microseconds and waits for nobody, so it runs where it is asked for. Only what may wait goes to the thread:
taking the write lock, which another process may hold, and a writer's commit, which waits for the disk.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

_TAKES_THE_LOCK = "BEGIN IMMEDIATE"


class NearConnection(aiosqlite.Connection):
    """An aiosqlite connection whose statements run at once, in the event loop's thread."""

    _writes = False

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._may_wait(fn, args):
            return await super()._execute(fn, *args, **kwargs)
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)

    def _may_wait(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        name = getattr(fn, "__name__", "")
        if name == "execute":
            self._writes = self._writes or args[0] == _TAKES_THE_LOCK
            return bool(args[0] == _TAKES_THE_LOCK)
        if name in {"commit", "rollback"}:
            wrote, self._writes = self._writes, False
            return wrote
        return name not in {"cursor", "fetchall", "fetchone", "fetchmany", "close"}


def connect_near(database: str, **options: Any) -> NearConnection:
    """A connection for SQLAlchemy's `async_creator_fn`; `options` as for sqlite3.connect."""
    options["check_same_thread"] = False  # the thread and the loop take turns, never at once
    connection = NearConnection(lambda: sqlite3.connect(database, **options), 64)
    connection._thread.daemon = True  # as SQLAlchemy does: a connection that leaked must not keep the process
    return connection
