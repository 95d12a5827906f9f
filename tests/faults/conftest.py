"""One nursery for all faults; each test has a database, desks and engines of its own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.faults.desks import Nursery
from tests.faults.world import World, city


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


City = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def make_city(nursery: Nursery, database_url: str) -> City:
    """Two desks with an engine each on PostgreSQL, one on SQLite, which takes no more."""
    usual = 2 if database_url.startswith("postgresql") else 1

    def make(**more: Any) -> AbstractAsyncContextManager[World]:
        return city(nursery, database_url, **{"desks": usual, **more})

    return make


@pytest.fixture
async def world(make_city: City) -> AsyncIterator[World]:
    async with make_city() as made:
        yield made
