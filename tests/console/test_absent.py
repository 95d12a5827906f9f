"""A resident whose helper is gone waits again, and nothing is lost."""

from bot.console.absent import Absent
from bot.core.message import Owner
from bot.desk.desk import Desk
from bot.store import audit
from tests.conftest import TestClock
from tests.console.conftest import SignIn
from tests.console.test_conversation import act, reply, waiting


async def test_a_helper_whose_session_ran_out_is_not_waited_for(desk: Desk, person: SignIn, clock: TestClock) -> None:
    conversation_id, rivera, absent = await waiting(desk), await person("rivera"), Absent(desk)
    await act(rivera, desk, conversation_id, "claim")
    clock.forward(minutes=29)
    assert await absent.look() == 0
    clock.forward(minutes=2)
    assert await absent.look() == 1
    assert [(row.status, row.staff_id) for row in await desk.queue()] == [("waiting", None)]
    view = await desk.conversation("chat")
    assert view is not None
    assert view.owner is Owner.WAITING
    assert "Officer Rivera had to leave this conversation" in (await desk.transcript(conversation_id))[-1].text
    rows = await desk.db.read(lambda tx: audit.rows(tx, "release"))
    assert [(row["actor"], row["object"], row["detail"]["staff"]) for row in rows] == [
        ("frontdesk", conversation_id, "rivera")]


async def test_somebody_else_goes_on_where_the_helper_left(desk: Desk, person: SignIn, clock: TestClock) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    await reply(rivera, conversation_id, "One moment.")
    clock.forward(minutes=2)
    await rivera.post("/console/sign-out")
    assert await Absent(desk).look() == 1
    chen = await person("chen")
    assert (await act(chen, desk, conversation_id, "claim")).status_code == 303
    assert "One moment." in (await chen.get(f"/console/conversations/{conversation_id}")).text
    again = await person("rivera")
    assert (await reply(again, conversation_id, "I am back", "c2", script=True)).json()["error"]["code"] == "not_yours"


async def test_a_helper_who_reads_and_writes_keeps_the_conversation(
    desk: Desk, person: SignIn, clock: TestClock
) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    for _ in range(4):
        clock.forward(minutes=20)
        await rivera.get(f"/console/conversations/{conversation_id}")
        assert await Absent(desk).look() == 0
