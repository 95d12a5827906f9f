"""Faults between the desk and Telegram (docs/faults.md, F4, F11, F25 to F31)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.dev.telegram_simulator import SimulatorProcess
from tests.faults.conftest import City
from tests.faults.telegram import TelegramResident
from tests.faults.world import World
from tests.machine import slowness

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scale=0.1) as running:
        yield running


@pytest.fixture
async def telegram(make_city: City, simulator: SimulatorProcess) -> AsyncIterator[World]:
    """A desk on Telegram; two on PostgreSQL."""
    simulator.reset()
    # A machine that others use too brings what was shuffled within 200 ms later than that.
    async with make_city(telegram=simulator, TELEGRAM_HOLD=str(0.5 * slowness())) as world:
        await world.until(lambda: asyncio.to_thread(lambda: simulator.state()["webhook"]))
        yield world


async def writes(world: World, *, people: int = 5, messages: int = 2) -> list[TelegramResident]:
    """People who each write some messages and whose updates the desk has taken."""
    residents = [world.telegram_resident() for _ in range(people)]
    for _ in range(messages):
        for one in residents:
            await one.say()
    await residents[0].delivered()
    return residents


async def test_f4_the_desk_dies_after_telegram_took_a_reply_and_before_that_was_noted(telegram: World):
    world = telegram
    await writes(world)
    for desk in world.desks:
        desk.arm("record.before_commit kill")
    await world.telegram_resident().say()
    await world.until(lambda: dead(world))
    await revive(world)
    account = await world.account()
    assert account.is_clean, account
    assert account.answered == 11
    assert account.repeated_on_telegram <= account.ambiguous <= 20


async def test_f11_the_desk_dies_after_the_turn_and_before_the_delivery(telegram: World):
    world = telegram
    for desk in world.desks:
        desk.arm("turn.after_commit kill")
    one = world.telegram_resident()
    await one.say("!!leave")
    await world.until(lambda: dead(world))
    await revive(world)
    account = await world.account()
    assert account.is_clean, account
    [answer] = await one.answers()
    assert await world.count("left_message", f"reference = '{answer.split()[-1]}'") == 1


async def test_f25_telegram_asks_to_wait(telegram: World):
    world = telegram
    one = world.telegram_resident()
    await faults(world, calls=[{"kind": "429", "chat_id": one.number, "retry_after": 3, "times": 1}])
    for _ in range(3):
        await one.say()
    account = await world.account()
    assert account.is_clean, account
    assert account.answered == 3
    calls = [call for call in await sends(world) if call["chat_id"] == one.number]
    assert calls[1]["at"] - calls[0]["at"] >= 2.9


async def test_f26_telegram_answers_nothing_useful_for_a_while_and_the_backlog_drains_in_order(telegram: World):
    world = telegram
    await faults(world, calls=[{"kind": "500"}])
    await writes(world, people=8, messages=2)
    await asyncio.sleep(2)
    failed = len(await sends(world))
    await faults(world)
    account = await world.account()
    assert account.is_clean, account
    assert (account.answered, account.repeated_on_telegram) == (16, 0)
    assert failed <= 8 * 12  # backed off, not hammered


async def test_f27_telegram_takes_a_reply_and_drops_the_connection(telegram: World):
    world = telegram
    await faults(world, calls=[{"kind": "drop_answer", "times": 4}])
    await writes(world)
    account = await world.account()
    assert account.is_clean, account
    assert account.repeated_on_telegram == 0  # whether it arrived is unknown, so it is not sent again
    assert await world.count("delivery", "state = 'unknown'") == 4


async def test_f28_telegram_repeats_updates_at_once_and_after_a_restart(telegram: World):
    world = telegram
    await faults(world, copies=5, duplicate=1.0)
    residents = await writes(world)
    await world.settled()
    await world.desk.kill()
    await world.desk.restarted()
    for one in residents:
        await again(world, one)
    await residents[0].delivered()
    account = await world.account()
    assert account.is_clean, account
    assert (account.stored, account.answered, account.repeated_on_telegram) == (10, 10, 0)


async def test_f29_updates_out_of_order_are_answered_in_order(telegram: World):
    world = telegram
    await writes(world, people=1, messages=1)
    await asyncio.sleep(5 * 0.5 * slowness())  # just after a start the desk cannot know what is missing
    await faults(world, reorder=0.2)
    await writes(world, people=6, messages=4)
    account = await world.account()
    assert account.is_clean, account
    assert account.answered == 25


async def test_f30_a_resident_who_blocks_the_bot_gets_no_storm(telegram: World):
    world = telegram
    one, other = await writes(world, people=2, messages=1)
    await world.settled()
    await faults(world, calls=[{"kind": "403", "chat_id": one.number}])
    before = len(await sends(world))
    for _ in range(3):
        await one.say()
        await other.say()
    await other.delivered()
    await world.settled()
    await asyncio.sleep(1)
    calls = [call["chat_id"] for call in (await sends(world))[before:]]
    assert calls.count(other.number) == 3
    assert 1 <= calls.count(one.number) <= 3
    assert await world.count("delivery", "state = 'failed'") == 3
    assert len(await other.answers()) == 4


async def test_f31_only_telegrams_secret_opens_the_webhook(make_city: City, simulator: SimulatorProcess):
    simulator.reset()
    secrets = {"TELEGRAM_WEBHOOK_SECRET": "the-new-secret", "TELEGRAM_WEBHOOK_SECRET_OLD": "the-old-secret"}
    async with make_city(desks=1, telegram=simulator, **secrets) as world:
        answers = []
        for number, secret in enumerate((None, "", "wrong", "the-new-secreT", "the-old-secret", "the-new-secret")):
            headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
            update = {"update_id": 10 + number, "message": message(1001, "#1001-1 hello", number)}
            async with world.session.post(f"{world.desk.url}/telegram/webhook", json=update, headers=headers) as answer:
                answers.append(answer.status)
        assert answers == [401, 401, 401, 401, 200, 200]
        assert await world.count("message", "direction = 'in'") == 2


async def dead(world: World) -> bool:
    return any(desk.is_dead() for desk in world.desks)


async def revive(world: World) -> None:
    """Take the orders back, and start whoever obeyed them."""
    for desk in world.desks:
        desk.orders.unlink(missing_ok=True)
    await asyncio.sleep(0.3)
    for desk in world.desks:
        if desk.is_dead():
            await desk.restarted()


async def faults(world: World, **switches: object) -> None:
    assert world.telegram
    await asyncio.to_thread(world.telegram.faults, **switches)


async def sends(world: World) -> list[dict[str, Any]]:
    """Every sendMessage, failed ones too, with chat and time."""
    assert world.telegram
    found = await asyncio.to_thread(world.telegram.calls, "sendMessage")
    return [{**call, "chat_id": int(call["chat_id"])} for call in found]


async def again(world: World, one: TelegramResident) -> None:
    """Send the resident's updates once more, as they were."""
    assert world.telegram
    for number, update_id in one.updates.items():
        update = {"update_id": update_id, "message": message(one.number, f"#{one.number}-{number} question", number)}
        await asyncio.to_thread(world.telegram.raw, update)


def message(chat: int, text: str, number: int) -> dict[str, object]:
    person = {"id": chat, "is_bot": False, "first_name": "R", "language_code": "en"}
    return {"message_id": number + 1, "date": 1, "chat": {"id": chat, "type": "private"}, "from": person, "text": text}

