"""The fault matrix (docs/faults.md), each fault once, with its times scaled down: no message lost, none answered twice."""

import pytest

from tests.faults.world import World

pytestmark = pytest.mark.faults


async def test_f2_the_desk_dies_after_the_commit_and_before_it_said_so(world: World):
    writer = world.resident(desk=0)
    await writer.say()

    async def fault() -> None:
        world.desk.arm("receive.after_commit kill")
        await world.desk.dead()
        await world.desk.restarted()

    account = await world.under_load(fault)
    assert account.is_clean, account
    assert account.acked == account.answered == 61
    assert sum(one.redelivered for one in world.residents) == 1
