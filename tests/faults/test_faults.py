"""The fault matrix (docs/faults.md), each once and scaled down: no message lost, none answered twice, all in order.

Here: the desk killed where it hurts most, and engines that die, hang or talk nonsense.
"""

import asyncio
import os
import signal

import pytest

from tests.faults.conftest import City
from tests.faults.world import RELEASE, World
from tests.machine import slowness

pytestmark = pytest.mark.faults
LOADED = 60  # messages of the load: 20 conversations with three each


async def killed_at(world: World, point: str, words: str = "question") -> None:
    """Have the first desk die at `point` and come back; somebody writes to it who will make it pass there."""
    world.desk.arm(f"{point} kill")
    writing = asyncio.create_task(world.resident(desk=0).say(words))
    await world.desk.dead()
    await world.desk.restarted()
    await writing


async def test_f1_the_desk_dies_before_the_commit(world: World):
    account = await world.under_load(lambda: killed_at(world, "receive.before_commit"))
    assert account.is_clean, account
    assert account.acked == account.answered == LOADED + 1
    assert sum(one.statuses.count(0) for one in world.residents) >= 1


async def test_f2_the_desk_dies_after_the_commit_and_before_it_said_so(world: World):
    account = await world.under_load(lambda: killed_at(world, "receive.after_commit"))
    assert account.is_clean, account
    assert account.acked == account.answered == LOADED + 1
    assert sum(one.redelivered for one in world.residents) >= 1


async def test_f3_the_desk_dies_after_the_engine_answered_and_before_the_commit(make_city: City):
    async with make_city(desks=1) as world:
        account = await world.under_load(lambda: killed_at(world, "turn.before_commit", "!!leave"))
        assert account.is_clean, account
        assert account.answered == LOADED + 1
        assert await world.count("left_message") == 1


async def test_f5_an_engine_dies_in_the_middle_of_a_turn(make_city: City):
    async with make_city(desks=1, ENGINES="2") as world:

        async def fault() -> None:
            writer = world.resident()
            await writer.say("!!slow 0.6 !!leave")
            await asyncio.sleep(0.3)
            for pid in await world.desk.engine_pids():
                os.kill(pid, signal.SIGKILL)

        account = await world.under_load(fault)
        assert account.is_clean, account
        assert (account.answered, account.handed) == (LOADED + 1, 0)
        assert await world.count("left_message") == 1


async def test_f6_a_message_that_ends_the_engine_goes_to_staff_and_others_flow(make_city: City):
    async with make_city(desks=1, ENGINES="2") as world:
        poison = world.resident()

        async def fault() -> None:
            await poison.say("!!exit")
            await asyncio.sleep(2)

        account = await world.under_load(fault, pause=1)
        assert account.is_clean, account
        assert account.answered == LOADED, account
        texts = [line["text"] for line in await poison.shown()]
        assert any(text.startswith("I am sorry") for text in texts), texts
        assert await world.count("handoff", "reason = 'engine_failed'") == 1


async def test_f7_a_frozen_engine_is_noticed_and_emergencies_are_answered_at_once(world: World):
    slowest = 0.0

    async def fault() -> None:
        nonlocal slowest
        pids = [pid for desk in world.desks for pid in await desk.engine_pids()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for _ in range(8):
            slowest = max(slowest, await world.emergency_seconds())
            await asyncio.sleep(0.15)

    account = await world.under_load(fault)
    assert account.is_clean, account
    assert account.answered + account.handed == LOADED, account
    assert slowest <= 1.0 * slowness()
    assert await world.count("message", "body LIKE 'One moment%'") >= 1


@pytest.mark.parametrize("nonsense", ["error", "empty", "garbage", "stale"])
async def test_f8_nonsense_is_never_taken_for_an_answer(world: World, nonsense: str):
    """Once: the message is run again. Each time: an apology, and a person."""
    one, other = world.resident(), world.resident()
    for writer in (one, other):
        await writer.say()
    await world.settled()
    await asyncio.gather(one.say(f"!!once {nonsense} {nonsense}"), other.say(f"!!{nonsense}"))
    account = await world.account()
    assert account.is_clean, account
    gave_up = nonsense != "stale"  # a state that does not fit is left behind, and the message runs without it
    assert (account.answered, account.handed) == ((3, 1) if gave_up else (4, 0))
    said = [line["text"] for line in await other.shown()]
    assert any(line.startswith("I am sorry, I could not answer") for line in said) is gave_up, said


async def test_f9_messages_wait_for_an_engine_without_a_model(world: World):
    files = [desk.folder / "var" / "releases" / RELEASE / "not_ready" for desk in world.desks]

    async def fault() -> None:
        for file in files:
            file.touch()
        await world.until(lambda: not_ready(world))
        await asyncio.sleep(1)
        for file in files:
            file.unlink()

    account = await world.under_load(fault)
    assert account.is_clean, account
    assert account.answered == LOADED, account


@pytest.mark.parametrize("victim", ["desk", "engine"])
async def test_f10_a_kill_while_an_action_runs(make_city: City, victim: str):
    async with make_city(desks=1) as world:

        async def fault() -> None:
            if victim == "desk":
                await killed_at(world, "action.running", "!!leave")
                return
            [pid] = await world.desk.engine_pids()
            world.desk.arm(f"action.running signal {pid}")
            await world.resident().say("!!leave")

        account = await world.under_load(fault)
        assert account.is_clean, account
        assert account.answered == LOADED + 1
        assert await world.count("left_message") == 1


async def test_f12_an_action_that_hangs_ends_with_an_apology_and_its_late_result_is_ignored(make_city: City):
    async with make_city(desks=1) as world:
        writer = world.resident()

        async def fault() -> None:
            world.desk.arm("action.running hang 4")
            await writer.say("!!leave")
            for _ in range(2):  # each attempt hangs
                await world.until(lambda: no_order(world))
                world.desk.arm("action.running hang 4")
            await asyncio.sleep(3)

        account = await world.under_load(fault)
        assert account.is_clean, account
        assert (account.answered, account.handed) == (LOADED, 1)
        assert any(line["text"].startswith("I am sorry") for line in await writer.shown())
        await asyncio.sleep(2)
        assert await world.count("left_message") == 0


async def not_ready(world: World) -> bool:
    return (await world.desk.get("/health/ready"))[0] == 503


async def no_order(world: World) -> bool:
    return not world.desk.is_armed()
