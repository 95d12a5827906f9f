"""A cancelled receive, turn or delivery leaves nothing locked and nothing half done, wherever it is cancelled.

Each piece of work is run again and again and cancelled one await later every time: at every await of its own and of
every task it began, which covers every moment of its transactions. After each cancellation somebody writes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

import pytest

from bot.core.ids import secret_id
from bot.core.message import Delivery, DeliveryState, IncomingMessage, OutgoingMessage
from bot.desk.desk import Desk
from bot.store import conversations, deliveries, facts
from bot.store.db import Database

MOST_AWAITS = 400
EMERGENCY = "someone is breaking into my house right now"


class Recorder:
    """A channel that pushes; `sent` is what reached the resident."""

    name = "telegram"

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, message: OutgoingMessage) -> Delivery:
        await asyncio.sleep(0)
        self.sent.append(message.text)
        await asyncio.sleep(0)
        return Delivery(DeliveryState.SENT, provider_id=str(len(self.sent)))

    async def typing(self, _chat_ref: str) -> None:
        return None

    async def say_directly(self, _incoming: IncomingMessage, text: str) -> None:
        self.sent.append(text)


class Counted:
    """Awaits `work`; `at(number)` is called each time it, or a task begun meanwhile, has come to an await."""

    def __init__(self, work: Coroutine[Any, Any, Any], step: Callable[[], None]) -> None:
        self.work, self.step = work, step

    def __await__(self) -> Generator[Any, Any, Any]:
        value, failure = None, None
        while True:
            try:
                waits_for = self.work.throw(failure) if failure else self.work.send(value)
            except StopIteration as end:
                return end.value
            self.step()
            value, failure = None, None
            try:
                value = yield waits_for
            except BaseException as error:
                failure = error


async def cancelled_at(number: int, work: Callable[[], Coroutine[Any, Any, Any]]) -> bool:
    """Run `work` and cancel it at the await `number`, counted over all tasks it begins; False when it had fewer."""
    loop, seen = asyncio.get_running_loop(), 0
    task: asyncio.Task[Any] | None = None

    def step() -> None:
        nonlocal seen
        seen += 1
        if seen == number and task:
            loop.call_soon(task.cancel)

    async def counted(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return await Counted(coroutine, step)

    def make_task(_loop: Any, coroutine: Coroutine[Any, Any, Any], **named: Any) -> asyncio.Task[Any]:
        return asyncio.Task(counted(coroutine), loop=loop, **named)

    loop.set_task_factory(make_task)  # type: ignore[arg-type]
    try:
        task = loop.create_task(work())
        await asyncio.wait({task}, timeout=10)
    finally:
        loop.set_task_factory(None)
    assert task.done(), f"cancelled at await {number}, it went on"
    if not task.cancelled():
        task.result()
    return seen >= number


async def at_every_await(
    begin: Callable[[int], Awaitable[Callable[[], Coroutine[Any, Any, Any]]]], check: Callable[[int], Awaitable[None]]
) -> int:
    """For each await: prepare with `begin`, cancel there, write, `check`. How many there were."""
    for number in range(1, MOST_AWAITS):
        work = await begin(number)
        if not await cancelled_at(number, work):
            return number - 1
        await check(number)
    raise AssertionError("it never ended")


def fewest(db: Database) -> int:
    """SQLite's statements run where they are; only the commit, which waits for the disk, is an await there."""
    return 3 if db.is_sqlite else 10


async def somebody_writes(db: Database, number: int) -> None:
    async with asyncio.timeout(10):
        await db.write(lambda tx: facts.put(tx, "written", str(number)))


def message(number: int, text: str = "hello", **more: Any) -> IncomingMessage:
    return IncomingMessage("widget", f"key-{number}", f"key-{number}:1", text=text, **more)


async def texts(desk: Desk, number: int, key: str = "key") -> list[str]:
    """What the resident sees once everything waiting is answered."""
    async with asyncio.timeout(30):
        while desk.db._open:  # what was cancelled ends in the background, and its lease runs out
            await asyncio.gather(*desk.db._open, return_exceptions=True)
            await asyncio.sleep(0)  # gathering what is done does not wait, and what is done is let go in the next round
        await desk.db.write(conversations.release_all_leases)
        await desk.turns.drain()
    found = await desk.conversation(f"{key}-{number}")
    return [one.text for one in await desk.transcript(found.id)] if found else []


@pytest.fixture
def quick(make_desk: Callable[..., Desk]) -> Desk:
    """A desk whose loops do not run: the test does their work."""
    return make_desk(burst_messages=1000, notice_milliseconds=5000)


@pytest.mark.parametrize("text", ["hello", EMERGENCY])
async def test_receive_cancelled_at_every_await(quick: Desk, db: Database, text: str):
    async def begin(number: int) -> Callable[[], Coroutine[Any, Any, Any]]:
        return lambda: quick.receive(message(number, text))

    async def check(number: int) -> None:
        await somebody_writes(db, number)
        received = await quick.receive(message(number, text))  # the sender heard nothing, so it sends again
        shown = await texts(quick, number)
        assert shown.count(text) == 1
        assert len(shown) == 2, shown
        assert received.conversation_id

    assert await at_every_await(begin, check) >= fewest(db)


async def test_a_turn_cancelled_at_every_await(quick: Desk, db: Database):
    async def begin(number: int) -> Callable[[], Coroutine[Any, Any, Any]]:
        await quick.receive(message(number, f"question {number}"))
        now, lease = quick.clock(), secret_id()
        taken = await db.write(lambda tx: conversations.lease_next(tx, lease=lease, now=now, until=now))
        assert taken
        return lambda: quick.turns._work(*taken, lease)

    async def check(number: int) -> None:
        await somebody_writes(db, number)
        assert await texts(quick, number) == [f"question {number}", f"answer to question {number}"]

    assert await at_every_await(begin, check) >= fewest(db)


async def test_taking_a_turn_cancelled_at_every_await(quick: Desk, db: Database):
    async def begin(number: int) -> Callable[[], Coroutine[Any, Any, Any]]:
        await quick.receive(message(number, f"question {number}"))
        return quick.turns._take_one

    async def check(number: int) -> None:
        await somebody_writes(db, number)
        assert await texts(quick, number) == [f"question {number}", f"answer to question {number}"]

    assert await at_every_await(begin, check) >= fewest(db)


async def test_a_delivery_cancelled_at_every_await(quick: Desk, db: Database):
    channel = Recorder()
    quick.add_channel(channel, direct=channel.say_directly)
    outbox = quick.outboxes["telegram"]

    async def begin(number: int) -> Callable[[], Coroutine[Any, Any, Any]]:
        more = {"chat_key": f"chat-{number}", "external_id": f"bot:{number}", "chat_ref": "1", "command": "start"}
        await quick.receive(IncomingMessage("telegram", text=f"question {number}", **more))
        await texts(quick, number, "chat")
        now = quick.clock()
        [row] = await db.write(lambda tx: deliveries.lease_due(tx, "telegram", now=now, until=now, limit=5))
        return lambda: outbox._deliver(row)

    async def check(number: int) -> None:
        await somebody_writes(db, number)
        await outbox.recover(only_desk=True)
        while await outbox._take():
            await asyncio.gather(*outbox._sending)
        assert 1 <= channel.sent.count(f"answer to question {number}") <= 2

    awaits = await at_every_await(begin, check)
    assert awaits >= fewest(db)
    # Twice only where Telegram may have had it and that was not noted: the price of at least once.
    assert len(channel.sent) - len(set(channel.sent)) <= outbox.ambiguous


async def test_a_desk_that_stops_gives_back_what_it_could_not_finish(make_desk: Callable[..., Desk], db: Database):
    desk = make_desk()
    desk.turns.attempts.engines.script = lambda request: 30.0  # type: ignore[attr-defined]
    await desk.start()
    await desk.receive(message(1))
    await asyncio.sleep(0.2)
    await desk.stop(seconds=0.1)
    now = desk.clock()
    assert await db.write(lambda tx: conversations.lease_next(tx, lease="other", now=now, until=now))
