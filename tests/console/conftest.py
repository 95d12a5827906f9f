"""A desk on SQLite, the console served on loopback, and people who are signed in."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sanic import Sanic

from bot.core.staff import Role
from bot.desk.desk import Desk
from tests.conftest import TestClock
from tests.console.app import PASSWORD, add_staff, console_app, make_desk

Person = httpx.AsyncClient
SignIn = Callable[..., Awaitable[Person]]


@pytest.fixture
async def desk(tmp_path: Path, clock: TestClock) -> AsyncIterator[Desk]:
    made = await make_desk(tmp_path, clock)
    await add_staff(made, "rivera", "Officer Rivera")
    await add_staff(made, "chen", "Clerk Chen")
    await add_staff(made, "okafor", "Sergeant Okafor", Role.ADMIN)
    await made.start()
    yield made
    await made.stop()
    await made.db.close()


@pytest.fixture
async def address(desk: Desk) -> AsyncIterator[str]:
    app = console_app(desk)
    listening = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    await server.start_serving()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.close()
    await server.wait_closed()
    app.shutdown_tasks(timeout=1)
    Sanic.unregister_app(app)


@pytest.fixture
async def nobody(address: str) -> AsyncIterator[Person]:
    """A browser without a session."""
    async with httpx.AsyncClient(base_url=address, headers={"origin": address, "accept-language": "en"}) as client:
        yield client


@pytest.fixture
async def person(address: str) -> AsyncIterator[SignIn]:
    """``await person("rivera")``: a browser in which Rivera is signed in; its forms' token is in ``x-csrf-token``."""
    clients: list[Person] = []

    async def signed_in(username: str) -> Person:
        client = httpx.AsyncClient(base_url=address, headers={"origin": address, "accept-language": "en"})
        clients.append(client)
        answer = await client.post("/console/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        page = await client.get("/console/")
        client.headers["x-csrf-token"] = page.text.split('name="csrf" value="')[1].split('"')[0]
        return client

    yield signed_in
    for client in clients:
        await client.aclose()
