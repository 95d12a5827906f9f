"""Messages left for a unit reach somebody: listed, answered in their chat, marked as dealt with."""

from bot.core.effects import MessageLeft
from bot.core.message import IncomingMessage, Owner
from bot.desk.desk import Desk
from bot.store import left_messages
from tests.console.conftest import SignIn

REFERENCE = "FD-7K2M-9QXP-4RTA"
WORDS = "Please call about the bikes <script>alert(1)</script>"


async def leave(desk: Desk, contact: str = "this chat") -> str:
    received = await desk.receive(IncomingMessage("widget", "key", "key:1", text="hello"))
    left = MessageLeft(REFERENCE, "records", WORDS, contact, "case/report_status")
    await desk.db.write(lambda tx: left_messages.add(tx, received.conversation_id, left, desk.clock()))
    return received.conversation_id


async def test_a_left_message_is_listed_and_marked(desk: Desk, person: SignIn) -> None:
    await leave(desk, "312-555-0134")
    staff = await person("rivera")
    page = (await staff.get("/console/messages")).text
    assert REFERENCE in page
    assert "312-555-0134" in page
    assert "<script>alert" not in page
    assert "/reply" not in page
    answer = await staff.post(f"/console/messages/{REFERENCE}/handled")
    assert answer.status_code == 303
    assert "Nothing waits here." in (await staff.get("/console/messages")).text
    assert (await staff.post(f"/console/messages/{REFERENCE}/handled")).status_code == 404


async def test_staff_answer_in_the_residents_chat(desk: Desk, person: SignIn) -> None:
    conversation = await leave(desk)
    staff, other = await person("rivera"), await person("chen")
    answer = await staff.post(f"/console/messages/{REFERENCE}/reply")
    assert answer.headers["location"] == f"/console/conversations/{conversation}"
    view = await desk.conversation("key")
    assert view is not None
    assert (view.owner, view.staff_name) == (Owner.STAFF, "Officer Rivera")
    assert (await other.post(f"/console/messages/{REFERENCE}/reply")).status_code == 409
    assert (await staff.post(f"/console/messages/{REFERENCE}/reply")).status_code == 303
