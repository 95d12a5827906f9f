"""What the web channel's tests share: one database is enough here, and the site around the desk."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk.desk import Desk
from tests.channels.widget_site import Site, served


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "frontdesk.sqlite3")
    return f"sqlite+aiosqlite:///{tmp_path}/frontdesk.sqlite3"


@pytest.fixture
async def site(desk: Desk) -> AsyncIterator[Site]:
    async with served(desk) as running:
        yield running
