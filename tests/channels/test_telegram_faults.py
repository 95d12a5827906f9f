"""What goes wrong between Telegram and the desk (promises.md, F25-F31): nothing lost, nothing twice, order kept."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.core.message import Author, DeliveryState, OutgoingMessage
from bot.dev.telegram_simulator import SimulatorProcess
from tests.channels.telegram_parts import TelegramDesk, telegram_desk

ALEX, BLANCA = 1001, 1002


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scale=0.1) as running:
        yield running


@pytest.fixture
def telegram(simulator: SimulatorProcess) -> SimulatorProcess:
    simulator.reset()
    for user in range(2001, 2011):
        simulator.add_user(user, started=True)
    for user in (ALEX, BLANCA):
        simulator.add_user(user, started=True)
    return simulator


@pytest.fixture
async def desk(tmp_path: Path, telegram: SimulatorProcess) -> AsyncIterator[TelegramDesk]:
    async with telegram_desk(tmp_path, telegram, webhook=True, request_seconds=0.7) as made:
        yield made


@pytest.fixture
async def known(desk: TelegramDesk) -> TelegramDesk:
    """A desk to which Alex and Blanca have said hello."""
    for user in (ALEX, BLANCA):
        await desk.text(user, "hello")
        await desk.told(user, "answer to hello")
    return desk


def reply(text: str, chat: int = ALEX, message_id: str = "m1") -> OutgoingMessage:
    return OutgoingMessage(message_id, "c1", str(chat), text, Author.ASSISTANT)


async def test_a_429_is_obeyed_and_order_kept_while_others_go_on(known: TelegramDesk):
    known.telegram.faults(calls=[{"kind": "429", "chat_id": ALEX, "times": 1, "retry_after": 3}])
    for number in range(3):
        await known.text(ALEX, f"q{number}")
    await known.until(lambda: any(call["error"] == 429 for call in known.telegram.calls("sendMessage")))
    await known.text(BLANCA, "mine")
    await known.told(BLANCA, "answer to mine")
    await known.told(ALEX, "answer to q2", 15)
    calls = [call for call in known.telegram.calls("sendMessage") if call["chat_id"] == str(ALEX)]
    refused = next(call for call in calls if call["error"] == 429)
    following = next(call for call in calls if call["n"] > refused["n"])
    assert following["at"] - refused["at"] >= 3
    assert await known.answers(ALEX) == ["hello", "q0", "q1", "q2"]


async def test_a_server_error_is_tried_again_in_order(known: TelegramDesk):
    known.telegram.faults(calls=[{"kind": "500", "times": 4}])
    for number in range(3):
        await known.text(ALEX, f"q{number}")
    await known.told(ALEX, "answer to q2", 20)
    assert await known.answers(ALEX) == ["hello", "q0", "q1", "q2"]


async def test_telegram_out_of_reach_is_seen_and_caught_up_with(known: TelegramDesk):
    known.telegram.faults(calls=[{"kind": "500", "method": method} for method in ("sendMessage", "getWebhookInfo")])
    await known.text(ALEX, "q0")
    await known.until(lambda: known.channel.health()["state"] == "failing")
    known.telegram.faults()
    await known.told(ALEX, "answer to q0", 20)
    await known.until(lambda: known.channel.health()["state"] == "ok")


@pytest.mark.parametrize("kind, most", [("drop_answer", 1), ("hang", 0), ("close", 0)])
async def test_an_answer_lost_is_never_followed_by_a_repeat(known: TelegramDesk, kind: str, most: int):
    """F27: perhaps it was sent, so it is not sent again; staff see that nobody knows."""
    known.telegram.faults(calls=[{"kind": kind, "chat_id": ALEX, "times": 1, "seconds": 3}])
    await known.text(ALEX, "q0")
    await known.until(lambda: any(call["fault"] == kind for call in known.telegram.calls("sendMessage")))
    await known.text(ALEX, "q1")
    await known.told(ALEX, "answer to q1")
    assert (await known.answers(ALEX)).count("q0") == most
    assert await known.rows("SELECT count(*) FROM delivery WHERE state = 'unknown'") == [(1,)]


async def test_a_part_that_went_out_is_not_repeated(known: TelegramDesk):
    long = "\n\n".join(f"{number}: " + "word " * 700 for number in range(3))
    known.telegram.faults()
    first = known.telegram.calls("sendMessage")[-1]["n"]
    await asyncio.sleep(3)  # so that Telegram's limits do not interfere
    known.telegram.faults(calls=[{"kind": "500", "times": 0}, {"kind": "500", "times": 1, "p": 1.0}])
    delivery = await known.channel.send(reply(long))
    assert delivery.state is DeliveryState.WAITING
    known.telegram.faults()
    delivery = await known.channel.send(reply(long))
    while delivery.state is DeliveryState.WAITING:
        await asyncio.sleep(delivery.retry_after)
        delivery = await known.channel.send(reply(long))
    accepted = [
        call["text"][:2] for call in known.telegram.calls("sendMessage") if call["accepted"] and call["n"] > first
    ]
    assert accepted == ["0:", "1:", "2:"]
    assert delivery.state is DeliveryState.SENT
    assert len((delivery.provider_id or "").split(",")) == 3


async def test_who_blocks_the_bot_is_left_alone(known: TelegramDesk):
    await known.text(ALEX, "q0")
    await known.told(ALEX, "answer to q0")
    known.engine.script = lambda request: 0.5
    await known.text(ALEX, "q1")
    await known.do(known.telegram.act, ALEX, "block")
    await known.until(lambda: any(call["error"] == 403 for call in known.telegram.calls("sendMessage")))
    await asyncio.sleep(1.5)
    assert len([call for call in known.telegram.calls("sendMessage") if call["error"] == 403]) == 1
    assert await known.rows("SELECT error FROM delivery WHERE state = 'failed'") == [("blocked",)]
    await known.text(ALEX, "I am back")  # writing again unblocks
    await known.told(ALEX, "answer to I am back")


@pytest.mark.parametrize(
    "text, chat, error, blocked",
    [
        ("hello", 999, "chat_not_found", True),
        ("   ", ALEX, "message_text_is_empty", False),
    ],
)
async def test_what_telegram_refuses_is_a_failure_by_name(
    known: TelegramDesk, text: str, chat: int, error: str, blocked: bool
):
    delivery = await known.channel.send(reply(text, chat))
    assert (delivery.state, delivery.error, delivery.blocked) == (DeliveryState.FAILED, error, blocked)


async def test_updates_that_come_many_times_at_once_are_one(desk: TelegramDesk):
    desk.telegram.faults(copies=5, duplicate=0.5)
    for number in range(4):
        for user in range(2001, 2006):
            await desk.text(user, f"q{number}")
    for user in range(2001, 2006):
        await desk.told(user, "answer to q3", 30)
    await asyncio.sleep(0.5)
    for user in range(2001, 2006):
        assert await desk.answers(user) == ["q0", "q1", "q2", "q3"]


async def test_an_update_that_comes_again_after_a_restart_is_known(tmp_path: Path, telegram: SimulatorProcess):
    update = {
        "update_id": 77,
        "message": {
            "message_id": 1,
            "from": {"id": ALEX, "is_bot": False},
            "text": "hello",
            "chat": {"id": ALEX, "type": "private"},
        },
    }
    async with telegram_desk(tmp_path, telegram, webhook=True) as desk:
        await desk.do(desk.telegram.raw, update)
        await desk.told(ALEX, "answer to hello")
    async with telegram_desk(tmp_path, telegram, webhook=True) as desk:
        await desk.do(desk.telegram.raw, update)
        await desk.until(lambda: not desk.telegram.state()["pending"])
        await desk.text(ALEX, "again")
        await desk.told(ALEX, "answer to again")
        assert await desk.answers(ALEX) == ["hello", "again"]


async def test_updates_out_of_order_are_answered_in_theirs(desk: TelegramDesk):
    desk.telegram.faults(reorder=0.2)
    for number in range(6):
        for user in (2001, 2002, 2003):
            await desk.text(user, f"q{number}")
    for user in (2001, 2002, 2003):
        for number in range(6):
            await desk.told(user, f"answer to q{number}", 30)
        assert await desk.answers(user) == [f"q{number}" for number in range(6)]


async def test_polling_goes_on_where_a_stopped_desk_left_off(tmp_path: Path, telegram: SimulatorProcess):
    async with telegram_desk(tmp_path, telegram) as desk:
        await desk.text(ALEX, "one")
        await desk.told(ALEX, "answer to one")
    telegram.text(ALEX, "two")
    async with telegram_desk(tmp_path, telegram) as desk:
        await desk.told(ALEX, "answer to two")
        assert await desk.answers(ALEX) == ["one", "two"]


async def test_a_start_does_not_wait_for_telegram(tmp_path: Path, telegram: SimulatorProcess):
    telegram.faults(calls=[{"kind": "hang", "method": "getMe", "seconds": 1, "times": 1}])
    async with telegram_desk(tmp_path, telegram, webhook=True, request_seconds=5) as desk:
        assert desk.channel.health()["state"] == "starting"
        await desk.until(lambda: desk.channel.health()["state"] == "ok")


async def test_an_emergency_is_answered_while_the_database_is_locked(known: TelegramDesk, tmp_path: Path):
    import sqlite3

    other = sqlite3.connect(tmp_path / "frontdesk.sqlite3")
    other.execute("BEGIN EXCLUSIVE")
    await known.text(ALEX, "someone is breaking into my house right now")
    await known.told(ALEX, "911 now")
    other.rollback()
    other.close()
    await known.until(lambda: not known.telegram.state()["pending"], 20)
    await asyncio.sleep(1.5)
    said = [message for message in known.telegram.from_bot(ALEX) if "911 now" in message["text"]]
    assert len(said) == 1
