"""The database: short transactions that no cancelled task can leave open."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.core.refused import Unavailable
from bot.store.sqlite_near import connect_near

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]


class Database:
    """Runs pieces of work in transactions.

    Every transaction is a task of its own, awaited through a shield: a caller that is cancelled goes away, the
    transaction still ends and its connection returns. A task cancelled inside an aiosqlite statement would otherwise
    keep the write lock for good. Raises Unavailable when the database cannot answer, never a driver's error.
    """

    def __init__(self, url: str, *, pool_size: int = 10, busy_seconds: float = 5.0) -> None:
        self.url = url
        self.is_sqlite, self._busy_seconds = url.startswith("sqlite"), busy_seconds
        self.engine = _create(url, pool_size, busy_seconds)
        self._locking = self.engine.execution_options(immediate=True)
        self._writer = asyncio.Lock()
        self._open: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a read transaction."""
        return await self._shielded(self._run(work, immediate=False))

    async def write(self, work: Work[T], *, after: Callable[[T], None] = lambda _: None) -> T:
        """Run `work` in a write transaction: all of it is committed, or none.

        `after` is called with the result once it is committed, also where the caller was cancelled meanwhile.
        """
        return await self._shielded(self._written(work, after))

    async def close(self) -> None:
        """Wait for what is still running and close the connections; what comes later is refused as Unavailable."""
        self._is_closed = True
        while self._open:
            await asyncio.gather(*self._open, return_exceptions=True)
            # Gathering what is already done does not wait: without this the loop would never run `_closed`.
            await asyncio.sleep(0)
        await self.engine.dispose()

    async def _written(self, work: Work[T], after: Callable[[T], None]) -> T:
        result = await self._write(work)
        after(result)
        return result

    async def _write(self, work: Work[T]) -> T:
        if not self.is_sqlite:
            return await self._run(work, immediate=False)
        # SQLite takes one writer at a time; queueing here is fair, its own busy loop is not. The queue is as patient as
        # one writer: while another process holds the lock, each would else wait for all before it.
        try:
            async with asyncio.timeout(self._busy_seconds):
                await self._writer.acquire()
        except TimeoutError as error:
            raise Unavailable("The database is busy at the moment.") from error
        try:
            return await self._run(work, immediate=True)
        finally:
            self._writer.release()

    async def _run(self, work: Work[T], *, immediate: bool) -> T:
        try:
            async with (self._locking if immediate else self.engine).begin() as connection:
                return await work(connection)
        except (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError) as error:
            raise Unavailable("The database cannot answer at the moment.") from error
        except DBAPIError as error:
            if error.connection_invalidated or _is_passing(error):
                raise Unavailable("The database cannot answer at the moment.") from error
            raise

    async def _shielded(self, running: Coroutine[Any, Any, T]) -> T:
        if self._is_closed:
            running.close()
            raise Unavailable("The database is closed.")
        task = asyncio.ensure_future(running)
        self._open.add(task)
        task.add_done_callback(self._closed)
        return await asyncio.shield(task)

    def _closed(self, task: "asyncio.Future[Any]") -> None:
        self._open.discard(task)
        if not task.cancelled():
            task.exception()  # marks it retrieved: the caller may be gone


def _is_passing(error: DBAPIError) -> bool:
    """True for PostgreSQL's states that pass by themselves: shutdown, too many connections, deadlock, serialisation.

    Class and code names: https://www.postgresql.org/docs/15/errcodes-appendix.html
    """
    state = (
        getattr(error.orig, "sqlstate", None) or getattr(getattr(error.orig, "__cause__", None), "sqlstate", "") or ""
    )
    return state[:2] in {"08", "53", "57", "40"} or state == "55P03"


def _create(url: str, pool_size: int, busy_seconds: float) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(
            url, hide_parameters=True, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, pool_timeout=10
        )
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=5,
        connect_args={"timeout": busy_seconds, "async_creator_fn": connect_near},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(busy_seconds * 1000)}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that reads first and writes later fails at once when another has committed between:
        # writers therefore take the lock at their beginning.
        mode = "IMMEDIATE" if connection.get_execution_options().get("immediate") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine
