"""Helping a resident: claim, reply, resolve, hand back, and what the pages show."""

import asyncio

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.handoff import HandoffReason
from bot.core.message import DeliveryState, IncomingMessage, Kind, Owner
from bot.desk.desk import Desk
from bot.store import audit, messages
from bot.store.tables import delivery
from tests.conftest import TestClock
from tests.console.app import ROOT, files, say
from tests.console.conftest import Person, SignIn

XSS = [
    "<script>window.__pwned=1</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "javascript:alert(1)",
    '[x](javascript:alert(1) "onmouseover=alert(1)")', "&#x3c;script&#x3e;", "{{ 7*7 }}", '"><b>',
    "</textarea><script>alert(1)</script>",
]


async def waiting(desk: Desk, chat: str = "chat", text: str = "I need my crash report") -> str:
    """A resident who wrote `text` and then asked for a person; the conversation's id."""
    conversation_id = await say(desk, chat, text)
    await until(lambda: _answered(desk, conversation_id, 2))
    await say(desk, chat, "human")
    await until(lambda: _queued(desk, conversation_id))
    return conversation_id


async def until(true, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.02)


async def _answered(desk: Desk, conversation_id: str, count: int) -> bool:
    return len(await desk.transcript(conversation_id)) >= count


async def _queued(desk: Desk, conversation_id: str) -> bool:
    return any(row.conversation_id == conversation_id for row in await desk.queue())


async def act(client: Person, desk: Desk, conversation_id: str, action: str, **data: str) -> httpx.Response:
    row = next((row for row in await desk.queue() if row.conversation_id == conversation_id), None)
    form = {"handoff": row.handoff_id if row else "", **data}
    return await client.post(f"/console/conversations/{conversation_id}/{action}", data=form)


async def reply(
    client: Person, conversation_id: str, text: str, client_id: str = "c1", *, script: bool = False
) -> httpx.Response:
    headers = {"accept": "application/json"} if script else {}
    return await client.post(f"/console/conversations/{conversation_id}/reply", headers=headers,
                             data={"text": text, "client_id": client_id})


async def test_the_queue_shows_reason_unit_channel_wait_and_summary(
    desk: Desk, person: SignIn, clock: TestClock
) -> None:
    await waiting(desk, text="I need my crash report")
    clock.forward(minutes=7)
    page = (await (await person("rivera")).get("/console/")).text
    for shown in ("Asked for a person", "Front counter", "Website", "7 min", "I need my crash report", "English"):
        assert shown in page


async def test_an_empty_queue_says_so(person: SignIn) -> None:
    assert "Nobody is waiting." in (await (await person("rivera")).get("/console/")).text


async def test_claim_reply_resolve_and_the_resident_reads_it_all(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    claimed = await act(rivera, desk, conversation_id, "claim")
    assert claimed.headers["location"] == f"/console/conversations/{conversation_id}"
    await reply(rivera, conversation_id, "Your report is ready.")
    assert (await act(rivera, desk, conversation_id, "resolve")).headers["location"] == "/console/?done=resolved"
    said = [(one.author.value, one.staff_name, one.text) for one in await desk.transcript(conversation_id)]
    assert ("staff", "Officer Rivera", "Your report is ready.") in said
    assert "Officer Rivera" in said[-1][2]
    view = await desk.conversation("chat")
    assert view is not None
    assert view.owner is Owner.ASSISTANT


async def test_of_two_who_claim_at_once_one_wins_and_the_other_reads_who(desk: Desk, person: SignIn) -> None:
    conversation_id = await waiting(desk)
    people = [await person("rivera"), await person("chen")]
    answers = await asyncio.gather(*(act(one, desk, conversation_id, "claim") for one in people))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    winner = "Officer Rivera" if answers[0].status_code == 303 else "Clerk Chen"
    assert "Someone is already helping this resident" in loser.text
    assert winner in loser.text


async def test_only_the_one_who_helps_may_write_and_the_draft_is_kept(desk: Desk, person: SignIn) -> None:
    conversation_id = await waiting(desk)
    rivera, chen = await person("rivera"), await person("chen")
    await act(rivera, desk, conversation_id, "claim")
    answer = await reply(chen, conversation_id, "my long draft")
    assert answer.status_code == 409
    assert "my long draft" in answer.text
    assert "Someone else is helping this resident" in answer.text
    by_script = await reply(chen, conversation_id, "my long draft", script=True)
    assert (by_script.status_code, by_script.json()["error"]["code"]) == (409, "not_yours")
    for action in ("resolve", "hand-back"):
        assert (await act(chen, desk, conversation_id, action)).status_code == 409
    assert [one.text for one in await desk.transcript(conversation_id) if one.author.value == "staff"] == []


async def test_a_reply_sent_twice_is_said_once(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    first, again = [await reply(rivera, conversation_id, "once", "same", script=True) for _ in range(2)]
    assert first.json()["message"] == again.json()["message"]
    assert [one.text for one in await desk.transcript(conversation_id)].count("once") == 1


@pytest.mark.parametrize("text, code", [("", "empty"), ("  \n ", "empty"), ("x" * 12_001, "too_long")])
async def test_a_reply_that_cannot_be_sent_says_why(desk: Desk, person: SignIn, text: str, code: str) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    assert (await reply(rivera, conversation_id, text, script=True)).json()["error"]["code"] == code
    page = await reply(rivera, conversation_id, text)
    assert (page.status_code, 'role="alert"' in page.text) == (409, True)


async def test_a_reply_of_5000_characters_reaches_the_resident_whole(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    text = " ".join(f"word{number}" for number in range(640))
    assert len(text) > 5000
    assert (await reply(rivera, conversation_id, text)).status_code == 303
    said = [one.text for one in await desk.transcript(conversation_id) if one.author.value == "staff"]
    assert " ".join(" ".join(said).split()) == text


async def test_handing_back_lets_the_assistant_answer_again(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    assert (await act(rivera, desk, conversation_id, "hand-back")).headers["location"] == "/console/?done=returned"
    await say(desk, "chat", "and the fee?")
    await until(lambda: _says(desk, conversation_id, "answer to and the fee?"))


async def _says(desk: Desk, conversation_id: str, text: str) -> bool:
    return any(one.text == text for one in await desk.transcript(conversation_id))


async def test_a_handoff_of_another_conversation_is_not_changed(desk: Desk, person: SignIn) -> None:
    mine, other, rivera = await waiting(desk, "a"), await waiting(desk, "b"), await person("rivera")
    handoff = next(row.handoff_id for row in await desk.queue() if row.conversation_id == other)
    answer = await rivera.post(f"/console/conversations/{mine}/claim", data={"handoff": handoff})
    assert answer.status_code == 404
    assert [row.status for row in await desk.queue()] == ["waiting", "waiting"]


@pytest.mark.parametrize("conversation_id", [
    "nothing", "019ab000-0000-7000-8000-000000000000", "%00", "x" * 300, "'--",
])
async def test_an_unknown_conversation_is_not_found(person: SignIn, conversation_id: str) -> None:
    rivera = await person("rivera")
    assert (await rivera.get(f"/console/conversations/{conversation_id}")).status_code == 404
    assert (await reply(rivera, conversation_id, "x", script=True)).status_code == 404


@pytest.mark.parametrize("text", XSS)
async def test_what_residents_and_staff_write_is_text(desk: Desk, person: SignIn, text: str) -> None:
    conversation_id, rivera = await waiting(desk, text=text), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    await reply(rivera, conversation_id, text)
    for page in (await rivera.get("/console/"), await rivera.get(f"/console/conversations/{conversation_id}")):
        assert page.status_code == 200
        assert page.text.count("<script") == 1
        for danger in ("<img", "<svg", "<b>", "href=\"javascript", "49</p>"):
            assert danger not in page.text


async def test_edits_and_what_cannot_be_shown_are_marked(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    for kind, fields in ((Kind.EDIT, {"text": "I need my theft report"}), (Kind.UNSUPPORTED, {"unsupported": "photo"})):
        await desk.receive(IncomingMessage(
            channel="widget", chat_key="chat", external_id=f"x:{kind.value}", kind=kind, **fields))
    page = (await rivera.get(f"/console/conversations/{conversation_id}")).text
    assert "Edited" in page
    assert "I need my theft report" in page
    assert "Something that cannot be shown here: photo" in page


async def test_a_failed_delivery_is_visible(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk), await person("rivera")
    await act(rivera, desk, conversation_id, "claim")
    said = (await reply(rivera, conversation_id, "are you there?", script=True)).json()["message"]

    async def fail(tx: AsyncConnection) -> None:
        await tx.execute(delivery.insert().values(
            message_id=said, conversation_id=conversation_id, channel="telegram", ord=1,
            state=DeliveryState.FAILED.value, next_at=desk.clock()))

    await desk.db.write(fail)
    assert "Not delivered" in (await rivera.get(f"/console/conversations/{conversation_id}")).text


async def test_an_emergency_is_marked_and_so_is_the_notice_that_was_shown(desk: Desk, person: SignIn) -> None:
    conversation_id = await say(desk, "chat", "someone is breaking into my house right now")
    await say(desk, "chat", "human")
    await until(lambda: _queued(desk, conversation_id))
    page = (await (await person("rivera")).get(f"/console/conversations/{conversation_id}")).text
    assert page.count("Words of an emergency") == 1
    assert page.count("Emergency notice shown to the resident") == 1


async def test_a_long_transcript_is_shown_whole(desk: Desk, person: SignIn) -> None:
    conversation_id = await waiting(desk)

    async def many(tx: AsyncConnection) -> None:
        for number in range(620):
            await messages.add_outgoing(tx, conversation_id, channel="widget", pushed=False, now=desk.clock(),
                                        author="assistant", body=f"line {number}.")

    await desk.db.write(many)
    page = (await (await person("rivera")).get(f"/console/conversations/{conversation_id}")).text
    assert all(f"line {number}." in page for number in (0, 499, 500, 619))


async def test_what_staff_do_is_in_the_audit_without_a_word_of_it(desk: Desk, person: SignIn) -> None:
    conversation_id, rivera = await waiting(desk, text="my secret matter"), await person("rivera")
    await rivera.get(f"/console/conversations/{conversation_id}")
    await act(rivera, desk, conversation_id, "claim")
    await reply(rivera, conversation_id, "a secret answer")
    await act(rivera, desk, conversation_id, "resolve")
    rows = await desk.db.read(audit.rows)
    assert [row["action"] for row in rows] == ["sign_in", "conversation_read", "claim", "reply", "resolve"]
    assert {row["actor"] for row in rows} == {"rivera"}
    assert {row["object"] for row in rows[1:]} == {conversation_id}
    assert "secret" not in str([dict(row) for row in rows])
    said = await desk.db.read(lambda tx: messages.by_id(tx, rows[3]["detail"]["message"]))
    assert said is not None
    assert said["body"] == "a secret answer"


async def test_the_example_department_says_so(person: SignIn) -> None:
    assert "This is the example department." in (await (await person("rivera")).get("/console/")).text


async def test_no_page_has_inline_script_or_style(desk: Desk, person: SignIn, nobody: Person) -> None:
    conversation_id, admin = await waiting(desk), await person("okafor")
    paths = ("/console/", "/console/staff", f"/console/conversations/{conversation_id}")
    pages = [await admin.get(path) for path in paths]
    pages += [await nobody.get(path) for path in ("/console/sign-in", "/console/welcome")]
    for page in pages:
        assert page.status_code == 200
        assert "style=" not in page.text
        assert " onclick=" not in page.text
        assert "<style" not in page.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_reason_channel_role_and_refusal_has_words(language: str) -> None:
    keys = files()[1].keys(language)
    wanted = {f"console_reason_{reason.value}" for reason in HandoffReason}
    wanted |= {f"console_channel_{channel}" for channel in ("widget", "telegram")}
    wanted |= {f"console_kind_{kind.value}" for kind in Kind if kind is not Kind.TEXT}
    wanted |= {f"console_delivery_{state.value}" for state in DeliveryState if state is not DeliveryState.SENT}
    assert wanted - keys == set()


def test_every_text_the_templates_ask_for_exists_and_none_is_left_over() -> None:
    keys = {key.removeprefix("console_") for key in files()[1].keys("en") if key.startswith("console_")}
    folder = ROOT / "bot/console"
    text = "\n".join(path.read_text() for path in (*folder.glob("templates/*"), *folder.glob("*.py")))
    made_up = ("reason_", "channel_", "kind_", "delivery_", "refused_", "done_", "status_", "staff_done_", "role_")
    made_up += ("by_",)
    written = {key for key in keys if not key.startswith(made_up)}
    assert {key for key in written if f"'{key}'" not in text and f'"{key}"' not in text} == set()

