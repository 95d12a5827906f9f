"""Real parts for every test: a database in a temporary folder, the department's own files, a desk around them."""

import asyncio
import functools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.department_files import read_commands, read_department, read_gate, read_words
from bot.desk.desk import Desk
from bot.desk.parts import Parts
from bot.settings import Settings
from bot.store.cipher import Cipher
from bot.store.db import Database
from bot.store.migrate import upgrade
from tests.postgres import Postgres
from tests.scripted_engine import ScriptedEngine

ROOT = Path(__file__).parent.parent
# Each takes minutes; begun last, one of them would run alone at the end.
LONGEST = ("tests/e2e/test_front_desk.py", "tests/engine/test_rasa_tools.py")
# Half a second to build, and it never changes.
emergency_gate = functools.cache(lambda: read_gate(ROOT))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; a file's tests stay in their order."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONGEST))


class TestClock:
    """A clock that goes only when told to."""

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # a Monday, 10:00 in the example department

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("postgres")) as server:
        asyncio.run(upgrade(server.new_database("with_tables")))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with empty tables: copying it is quicker than making each test's own."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database with empty tables; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "frontdesk.sqlite3")
        return f"sqlite+aiosqlite:///{tmp_path}/frontdesk.sqlite3"
    return request.getfixturevalue("postgres").new_database(template="with_tables")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        root=ROOT,
        var=tmp_path / "var",
        database_url=database_url,
        secret_key="a key for tests only",  # type: ignore[arg-type]
        notice_milliseconds=10_000,  # a busy test machine is no broken database; tests of that set their own
    )


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database)
    yield database
    await database.close()


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def make_desk(settings: Settings, db: Database, engine: ScriptedEngine, clock: TestClock) -> Callable[..., Desk]:
    def make(*, own_clock: bool = True, **changes: object) -> Desk:
        changed = settings.model_copy(update=changes)
        department = read_department(ROOT)
        parts = Parts(
            changed,
            db,
            read_words(ROOT, department),
            read_commands(ROOT),
            Cipher(changed.key()),
            **({"clock": clock} if own_clock else {}),
        )
        return Desk(parts, engine, emergency_gate())

    return make


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> AsyncIterator[Desk]:
    """A working desk on the test's clock with a scripted engine."""
    made = make_desk()
    await made.start()
    yield made
    await made.stop()


os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
