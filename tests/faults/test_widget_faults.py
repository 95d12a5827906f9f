"""What a page lives through (docs/faults.md, F38), on the wire: offline, two tabs, a reload in the middle of a send."""

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.faults.residents import Resident
from tests.faults.world import World

pytestmark = pytest.mark.faults


@dataclass
class Tab:
    """A page: it shows each sequence number it is told, and reconnects with the last one. `frames` are as they came."""

    resident: Resident
    frames: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0

    async def live(self) -> None:
        """Until cancelled; comes back after every loss of the connection, to whichever desk answers."""
        while True:
            url = self.resident.urls[self.connections % len(self.resident.urls)].replace("http", "ws")
            self.connections += 1
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(f"{url}/api/v1/live", open_timeout=5) as socket:
                    after = self.frames[-1]["seq"] if self.frames else 0
                    await socket.send(json.dumps({"token": self.resident.token, "after": after}))
                    async for frame in socket:
                        told = json.loads(frame)
                        if told["type"] == "message":
                            self.frames.append(told["message"])
            await asyncio.sleep(0.1)

    def check(self, answers: int) -> None:
        """Each message once, in order."""
        order = [frame["seq"] for frame in self.frames]
        assert order == sorted(set(order))
        said = [frame["text"] for frame in self.frames if frame["text"].startswith("answer to #")]
        assert said == [f"answer to #{self.resident.number}-{number}" for number in range(1, answers + 1)]


async def test_f38_two_tabs_and_one_that_was_offline_show_each_message_once(world: World):
    one = world.resident()
    await one.say()
    first, second, sleeper = Tab(one), Tab(one), Tab(one)
    open_tabs = [asyncio.create_task(tab.live()) for tab in (first, second)]
    try:
        await writes_through(world, one, first, second)
        sleeping = asyncio.create_task(sleeper.live())
        open_tabs.append(sleeping)
        await until_shown(sleeper, 9)
    finally:
        for task in open_tabs:
            task.cancel()
        await asyncio.gather(*open_tabs, return_exceptions=True)
    for tab in (first, second, sleeper):
        tab.check(9)
    assert (await world.account()).is_clean


async def writes_through(world: World, one: Resident, *tabs: Tab) -> None:
    """Eight messages, in whose middle the desk dies and comes back."""
    for number in range(8):
        await one.say()
        if number == 3:
            await world.desk.kill()
            await world.desk.restarted()
    for tab in tabs:
        await until_shown(tab, 9)


async def test_f38_a_reload_in_the_middle_of_a_send(world: World):
    """The page is gone before it heard "stored"; the new one sends the same message again with the same id."""
    one = world.resident()
    body = {"client_id": str(uuid.uuid4()), "text": one.text(1), "start": one.start}
    one.sent = 1
    sending = asyncio.create_task(one.once(body, one.urls[0]))
    await asyncio.sleep(0.002)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    for _ in range(2):
        status, answer = await one.once(body, one.urls[-1])
        assert status == 202
        one.token = answer.get("token", one.token)
    assert answer["duplicate"]
    one.acked.append(1)
    account = await world.account()
    assert account.is_clean, account
    assert (account.stored, account.answered) == (1, 1)


async def until_shown(tab: Tab, answers: int, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while sum(frame["text"].startswith("answer to #") for frame in tab.frames) < answers:
            await asyncio.sleep(0.05)
