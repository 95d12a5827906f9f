"""The live connection (promises B44, F38, F40)."""

# ruff: noqa: F811  (pytest finds its fixtures by the names that are imported)

import asyncio
import contextlib
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.desk.desk import Desk
from bot.desk.views import StaffView
from tests.channels.widget_fixtures import database_url, site  # noqa: F401
from tests.channels.widget_site import Site, served


async def _frames(socket: ClientConnection, until: str) -> list[dict[str, Any]]:
    found = []
    async with asyncio.timeout(5):
        while not found or found[-1]["type"] != until:
            found.append(json.loads(await socket.recv()))
    return found


async def _close_code(socket: ClientConnection) -> int:
    """The code with which the desk closes `socket`."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(5):
            while True:
                await socket.recv()
    return socket.close_code or 1006


def _hello(token: str, after: int = 0) -> str:
    return json.dumps({"token": token, "after": after})


async def test_what_was_said_is_replayed_and_then_comes_live(site: Site) -> None:
    token = await site.begin("first")
    async with connect(site.live, proxy=None) as socket:
        await socket.send(_hello(token))
        frames = await _frames(socket, "ready")
        assert frames[0]["message"]["text"] == "first"
        await site.say("second", token)
        texts: list[str] = []
        while "answer to second" not in texts:
            texts += [
                frame["message"]["text"] for frame in await _frames(socket, "message") if frame["type"] == "message"
            ]
        assert texts.index("second") < texts.index("answer to second")


async def test_only_what_is_new_is_replayed(site: Site) -> None:
    token = await site.begin("first")
    while len((await site.fetch(token))["messages"]) < 2:
        await asyncio.sleep(0.05)
    async with connect(site.live, proxy=None) as socket:
        await socket.send(_hello(token, after=1))
        frames = await _frames(socket, "ready")
    assert [frame["message"]["seq"] for frame in frames if frame["type"] == "message"] == [2]


async def test_staff_see_the_resident_typing_and_the_other_way_round(site: Site) -> None:
    token = await site.begin()
    async with connect(site.live, proxy=None) as socket:
        await socket.send(_hello(token))
        await _frames(socket, "ready")
        await socket.send('{"type":"typing"}')
        view = await site.desk.conversation(_chat_key(site, token))
        assert view is not None
        for _ in range(50):
            if site.desk.is_resident_typing(view.id):
                break
            await asyncio.sleep(0.02)
        assert site.desk.is_resident_typing(view.id)
        await site.desk.staff_typing(view.id, StaffView("s1", "Dana"))
        frame = (await _frames(socket, "typing"))[-1]
        while frame["who"] != "staff":
            frame = (await _frames(socket, "typing"))[-1]
        assert frame["name"] == "Dana"


@pytest.mark.parametrize(
    "first, code",
    [
        ("x", 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"token": "nobody", "after": 0}', 4401),
        (_hello("A" * 43), 4401),
        (b"\x00\x01", 1003),
        ("x" * 2000, 1009),
        ('{"token": "a", "token": "b"}', 4400),
    ],
)
async def test_a_wrong_first_frame_ends_the_connection(site: Site, first: str | bytes, code: int) -> None:
    async with connect(site.live, proxy=None) as socket:
        await socket.send(first)
        assert await _close_code(socket) == code


async def test_who_says_nothing_is_not_waited_for(make_desk: Any) -> None:
    async with served(make_desk(socket_hello_seconds=0.2)) as site, connect(site.live, proxy=None) as socket:
        assert await _close_code(socket) == 4408


@pytest.mark.parametrize("kind", ["typing", "pings", "fragments"])
async def test_a_flood_ends_the_connection(site: Site, kind: str) -> None:
    token = await site.begin()
    async with connect(site.live, proxy=None) as socket:
        await socket.send(_hello(token))
        await _frames(socket, "ready")
        code = asyncio.create_task(_close_code(socket))
        with contextlib.suppress(ConnectionClosed):
            await _flood(socket, kind)
        assert await code == 4429
    assert (await site.fetch(token))["owner"] == "assistant"


async def _flood(socket: ClientConnection, kind: str) -> None:
    async def fragments() -> Any:
        for _ in range(500):
            yield ""
            await asyncio.sleep(0)

    if kind == "fragments":
        await socket.send(fragments())
    for _ in range(200):
        await (socket.ping() if kind == "pings" else socket.send('{"type":"typing"}'))


async def test_a_binary_frame_later_on_ends_the_connection(site: Site) -> None:
    token = await site.begin()
    async with connect(site.live, proxy=None) as socket:
        await socket.send(_hello(token))
        await _frames(socket, "ready")
        await socket.send(b"\x00")
        assert await _close_code(socket) == 1003


async def test_a_page_of_another_site_cannot_connect(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(site.live, origin="https://evil.example", proxy=None):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_one_address_has_so_many_places_and_gets_them_back(make_desk: Any) -> None:
    desk: Desk = make_desk(sockets_per_address=3)
    async with served(desk) as site:
        sockets = [await connect(site.live, proxy=None) for _ in range(3)]
        with pytest.raises(InvalidStatus) as refused:
            await connect(site.live, proxy=None)
        assert refused.value.response.status_code == 503
        for socket in sockets:
            await socket.close()
        await asyncio.sleep(0.3)
        async with connect(site.live, proxy=None):
            pass


async def test_an_idle_connection_is_told_that_it_stands(make_desk: Any) -> None:
    desk: Desk = make_desk(socket_ping_seconds=0.2)
    await desk.start()
    async with served(desk) as site, connect(site.live, proxy=None) as socket:
        await socket.send(_hello(await site.begin()))
        await _frames(socket, "ping")
    await desk.stop()


def _chat_key(site: Site, token: str) -> str:
    from bot.channels.widget.sessions import Sessions

    return Sessions(site.desk.settings.key()).chat_key(token)
