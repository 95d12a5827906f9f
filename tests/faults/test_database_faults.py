"""Faults of the database and of the desk's own start and end (docs/faults.md, F16, F19, F36, F37)."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.faults.conftest import City
from tests.faults.test_faults import LOADED
from tests.faults.world import World, city
from tests.machine import slowness
from tests.postgres import Postgres

pytestmark = pytest.mark.faults
# Another process that holds SQLite's lock for so many seconds.
LOCKER = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
db.execute("ROLLBACK")
"""


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_f16_postgresql_is_stopped_and_comes_back(nursery, tmp_path, how: str):
    with Postgres(tmp_path) as server:
        async with city(nursery, server.new_database(), desks=2) as world:
            outsider, slowest = world.resident(desk=0), 0.0

            async def fault() -> None:
                nonlocal slowest
                await asyncio.to_thread(server.stop, how)
                body = {"client_id": "01234567-89ab-4def-8123-456789abcdef", "text": "hello", "start": outsider.start}
                status, _ = await outsider.once(body, world.desk.url)
                assert status == 503
                slowest = await world.emergency_seconds()
                await asyncio.sleep(2)
                await asyncio.to_thread(server.start)

            account = await world.under_load(fault)
            assert account.is_clean, account
            assert account.answered + account.handed == LOADED, account
            assert sum(one.statuses.count(503) for one in world.residents) >= 1
            assert slowest <= 1.0 * slowness()
            emergencies = await world.count("message", "emergency IS NOT NULL AND direction = 'in'")
            assert emergencies == 1  # read in from the spool, or sent again by the page; never twice


async def test_f19_another_process_holds_sqlites_lock(nursery, tmp_path):
    file = tmp_path / "desk.sqlite3"
    async with city(nursery, f"sqlite+aiosqlite:///{file}") as world:
        slowest = 0.0

        async def fault() -> None:
            nonlocal slowest
            command = [sys.executable, "-c", LOCKER, str(file), "12"]
            holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            assert holder.stdout
            await holder.stdout.readline()
            for _ in range(4):
                slowest = max(slowest, await world.emergency_seconds())
            await holder.wait()

        account = await world.under_load(fault)
        assert account.is_clean, account
        assert account.answered + account.handed == LOADED, account
        assert sum(one.statuses.count(503) for one in world.residents) >= 1
        assert slowest <= 1.0 * slowness()
        assert await world.count("message", "emergency IS NOT NULL AND direction = 'in'") == 4
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_f36_a_polite_stop_under_load_loses_nothing_and_is_quick(world: World):
    took = 0.0

    async def fault() -> None:
        nonlocal took
        await world.resident(desk=0).say("!!slow 0.9")
        world.desk.send(signal.SIGTERM)
        took = await world.desk.dead(20)
        assert await world.count("conversation", "lease IS NOT NULL") == 0 or len(world.desks) > 1
        await world.desk.restarted()

    account = await world.under_load(fault)
    assert account.is_clean, account
    assert account.answered == LOADED + 1, account
    assert took <= 10


async def test_a_killed_desk_starts_again_although_its_engine_lives_on(make_city: City):
    """An engine that hangs cannot notice that its desk is gone; it must not hold the desk's port."""
    async with make_city(desks=1) as world:
        [pid] = await world.desk.engine_pids()
        os.kill(pid, signal.SIGSTOP)
        try:
            await world.desk.kill()
            await world.desk.restarted()
        finally:
            os.kill(pid, signal.SIGKILL)


async def test_f37_a_second_desk_on_sqlite_refuses_to_start(nursery, tmp_path):
    async with city(nursery, f"sqlite+aiosqlite:///{tmp_path}/desk.sqlite3", desks=2, started=False) as world:
        first, second = world.desks
        await first.restarted()
        second.environment["VAR"] = str(first.folder / "var")
        second.start()
        await second.dead()
        assert "Another desk is already running on this database." in second.log.read_text()
        assert (await first.get("/health/live"))[0] == 200


async def test_f37_two_desks_share_postgresql(make_city: City, database_url: str):
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite takes one desk")
    async with make_city(desks=2) as world:
        began = time.monotonic()
        await world.load(conversations=30, messages=4, pause=0.1)
        account = await world.account()
        assert account.is_clean, account
        assert account.answered == 120
        assert time.monotonic() - began < 60
