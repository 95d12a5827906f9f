"""SQLite without a thread trip for every statement.

aiosqlite hands each statement of a connection to a thread of its own: four trips there and back a statement, some 150
a turn, and they took a third of a turn's processor time (docs/decisions/0004-sqlite-near.md). A statement on a local
WAL database takes microseconds and waits for nobody, so it runs where it is asked for. Only what may wait goes to the
thread: the write lock while another process holds it, and a writer's commit, which waits for the disk.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

_TAKES_THE_LOCK = "BEGIN IMMEDIATE"
_QUICK = {"cursor", "execute", "fetchall", "fetchone", "fetchmany", "close"}


class NearConnection(aiosqlite.Connection):
    """An aiosqlite connection whose statements run at once, in the event loop's thread."""

    patience = 0.0
    _writes = False

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        name = getattr(fn, "__name__", "")
        if name == "execute" and args[0] == _TAKES_THE_LOCK:
            return await self._begin(fn, args)
        if name in {"commit", "rollback"}:
            wrote, self._writes = self._writes, False
            return await self._in_thread(fn) if wrote else fn()
        return fn(*args, **kwargs) if name in _QUICK else await self._in_thread(fn, *args, **kwargs)

    async def _begin(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Take the write lock at once where it is free, which is nearly always; else wait for it in the thread."""
        self._writes = True
        self._wait_at_most(0.0)
        try:
            return fn(*args)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        finally:
            self._wait_at_most(self.patience)
        return await self._in_thread(fn, *args)

    async def _in_thread(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _wait_at_most(self, seconds: float) -> None:
        self._conn.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def connect_near(database: str, **options: Any) -> NearConnection:
    """A connection for SQLAlchemy's `async_creator_fn`; `options` as for sqlite3.connect."""
    options["check_same_thread"] = False  # the thread and the loop take turns, never at once
    connection = NearConnection(lambda: sqlite3.connect(database, **options), 64)
    connection.patience = float(options.get("timeout", 5.0))
    connection._thread.daemon = True  # as SQLAlchemy does: a connection that leaked must not keep the process
    return connection
