"""A message is stored, answered once, in order, by whoever owns the conversation."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.core.message import Author, IncomingMessage, Kind, Owner
from bot.desk.desk import Desk
from bot.desk.engine import EngineFailed, EngineReply
from bot.desk.views import StaffView
from tests.scripted_engine import ScriptedEngine, echo

SAM = StaffView("staff-1", "Sam Rivera")


def widget(text: str, number: int = 1, **changes: object) -> IncomingMessage:
    fields = {"channel": "widget", "chat_key": "key-1", "external_id": f"key-1:{number}", "text": text, **changes}
    return IncomingMessage(**fields)  # type: ignore[arg-type]


async def said(desk: Desk, chat_key: str = "key-1") -> list[str]:
    """What the resident's screen shows, once everything waiting is answered."""
    await desk.turns.drain()
    found = await desk.conversation(chat_key)
    assert found is not None
    return [one.text for one in await desk.transcript(found.id)]


async def test_a_question_is_answered(desk: Desk):
    await desk.receive(widget("how do i get my report"))
    assert await said(desk) == ["how do i get my report", "answer to how do i get my report"]


async def test_a_redelivered_message_is_answered_once(desk: Desk):
    received = [await desk.receive(widget("hello")) for _ in range(3)]
    assert [one.duplicate for one in received] == [False, True, True]
    assert await said(desk) == ["hello", "answer to hello"]


async def test_the_same_message_delivered_at_once_five_times_is_answered_once(desk: Desk):
    await asyncio.gather(*(desk.receive(widget("hello")) for _ in range(5)), return_exceptions=True)
    assert await said(desk) == ["hello", "answer to hello"]


async def test_many_messages_are_answered_in_order(desk: Desk):
    for number in range(8):
        await desk.receive(widget(f"q{number}", number))
    replies = [text for text in await said(desk) if text.startswith("answer")]
    assert replies == [f"answer to q{number}" for number in range(8)]


async def test_the_state_grows_and_starts_afresh_after_a_while(desk: Desk, engine: ScriptedEngine, clock):
    for number in range(2):
        await desk.receive(widget(f"q{number}", number))
    await said(desk)
    clock.forward(minutes=31)
    await desk.receive(widget("later", 9))
    await said(desk)
    assert [len(request["state"]) for request in engine.requests] == [0, 1, 0]


async def test_a_failed_attempt_is_tried_again(make_desk: Callable[..., Desk], engine: ScriptedEngine):
    desk = make_desk()
    failures = iter([EngineFailed("failed"), EngineFailed("garbage")])
    engine.script = lambda request: next(failures, 0.0)
    await desk.receive(widget("hello"))
    assert await said(desk) == ["hello", "answer to hello"]


async def test_a_message_that_never_gets_an_answer_goes_to_staff_with_an_apology(
    make_desk: Callable[..., Desk], engine: ScriptedEngine
):
    desk = make_desk(turn_seconds=0.6, attempt_seconds=0.1)
    engine.script = lambda request: 9.0
    await desk.receive(widget("hello"))
    texts = await said(desk)
    assert texts[1].startswith("One moment")
    assert texts[2].startswith("I am sorry")
    assert [one.reason for one in await desk.queue()] == ["engine_failed"]


async def test_a_dead_engine_does_not_silence_emergencies_and_commands(
    make_desk: Callable[..., Desk], engine: ScriptedEngine
):
    desk = make_desk(turn_seconds=0.3, attempt_seconds=0.1)
    engine.ready = False
    await desk.receive(widget("someone is breaking into my house right now", 1))
    await desk.receive(widget("language", 2))
    texts = await said(desk)
    assert "911" in texts[1]
    assert texts[-1] == "Which language would you like?"


async def test_an_emergency_is_answered_before_a_message_that_is_still_worked_on(desk: Desk, engine: ScriptedEngine):
    engine.script = lambda request: 0.4
    await desk.receive(widget("slow question", 1))
    await asyncio.sleep(0.1)
    received = await desk.receive(widget("there is a man with a gun in my house", 2))
    assert received.emergency is not None
    assert "911" in received.emergency.text
    assert [request["message"]["text"] for request in engine.requests] == ["slow question"]


async def test_a_person_takes_over_and_gives_back(desk: Desk, engine: ScriptedEngine):
    await desk.receive(widget("i want a person", 1))
    texts = await said(desk)
    assert "number 1 in line" in texts[-1]
    [waiting] = await desk.queue()
    await desk.claim(waiting.handoff_id, SAM)
    await desk.receive(widget("are you there?", 2))
    await desk.staff_reply(waiting.conversation_id, SAM, "Yes, how can I help?", "c1")
    await desk.staff_reply(waiting.conversation_id, SAM, "Yes, how can I help?", "c1")
    await said(desk)
    assert engine.requests == []
    await desk.resolve(waiting.handoff_id, SAM)
    await desk.receive(widget("what are your hours", 3))
    shown = [(one.author, one.divider) for one in await desk.transcript(waiting.conversation_id)]
    await said(desk)
    assert shown.count((Author.STAFF, False)) == 1
    assert shown.count((Author.NOTICE, True)) == 3
    assert len(engine.requests) == 1


async def test_two_staff_cannot_win_the_same_resident(desk: Desk):
    await desk.receive(widget("human"))
    await said(desk)
    [waiting] = await desk.queue()
    kim = StaffView("staff-2", "Kim Lee")
    results = await asyncio.gather(
        desk.claim(waiting.handoff_id, SAM), desk.claim(waiting.handoff_id, kim), return_exceptions=True
    )
    assert sorted(str(result) for result in results) == ["None", "Someone is already helping this resident."]


async def test_a_claim_during_a_turn_keeps_the_engine_quiet(desk: Desk, engine: ScriptedEngine):
    engine.script = lambda request: 0.3
    await desk.receive(widget("question", 1))
    await asyncio.sleep(0.1)
    found = await desk.conversation("key-1")
    from bot.store import conversations

    await desk.db.write(lambda tx: conversations.set_owner(tx, found.id, Owner.STAFF))
    assert await said(desk) == ["question"]


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "😀😀"])
async def test_a_message_with_nothing_to_read_gets_one_polite_prompt(desk: Desk, engine: ScriptedEngine, text: str):
    await desk.receive(widget(text))
    assert (await said(desk))[1].startswith("I could not read anything")
    assert engine.requests == []


@pytest.mark.parametrize("text", ["/restart", '/intent{"slot":"x"}', "/session_start", "/x@1.0", "/{a", "/bot2"])
async def test_slash_text_is_text(desk: Desk, engine: ScriptedEngine, text: str):
    await desk.receive(widget(text))
    await said(desk)
    assert [request["message"] for request in engine.requests] == [{"text": text}]


async def test_a_flood_is_kept_and_noticed_once(make_desk: Callable[..., Desk], engine: ScriptedEngine):
    desk = make_desk(burst_messages=3, messages_per_minute=1)
    for number in range(10):
        await desk.receive(widget("again", number))
    texts = await said(desk)
    assert len([text for text in texts if text.startswith("You are writing faster")]) == 1
    assert texts.count("again") == 10
    assert len(engine.requests) == 3


async def test_residents_choose_a_language_and_delete_their_texts(desk: Desk):
    await desk.receive(widget("my name is Ana", 1))
    await desk.receive(widget("español", 2))
    texts = await said(desk)
    assert texts[-1] == "Responderé en español."
    await desk.receive(widget("borrar mis datos", 3))
    await said(desk)
    found = await desk.conversation("key-1")
    last = (await desk.transcript(found.id))[-1]
    await desk.receive(widget("", 4, kind=Kind.BUTTON, button=last.buttons[0].id))
    texts = await said(desk)
    assert "my name is Ana" not in texts
    assert texts[-1].startswith("Borrado")


async def test_a_button_of_another_conversation_does_nothing(desk: Desk, engine: ScriptedEngine):
    await desk.receive(widget("language", 1))
    await said(desk)
    found = await desk.conversation("key-1")
    stolen = (await desk.transcript(found.id))[-1].buttons[0].id
    await desk.receive(widget("", 1, chat_key="key-2", external_id="key-2:1", kind=Kind.BUTTON, button=stolen))
    assert (await said(desk, "key-2"))[-1].startswith("That button is no longer in use")


async def test_a_command_is_answered_in_the_language_of_its_words(desk: Desk):
    await desk.receive(widget("quiero una persona", 1))
    assert (await said(desk))[-1].startswith("Le pedí a una persona")


async def test_an_emergency_is_answered_in_the_language_it_is_written_in(desk: Desk):
    await desk.receive(widget("persona", 1))
    await desk.receive(widget("asistente", 2))
    await said(desk)
    received = await desk.receive(widget("someone is breaking into my house right now", 3))
    assert received.emergency.text.startswith("If you are in danger, call 911")


async def test_an_answer_that_lacks_a_fact_goes_to_staff_and_is_not_said(desk: Desk, engine: ScriptedEngine):
    answer = echo({"message": {"text": "x"}, "state": [], "language": "en"})
    engine.script = lambda request: replace(answer, replies=(EngineReply("Call [[units.nobody.phone]]."),))
    await desk.receive(widget("question"))
    assert (await said(desk))[1].startswith("I am sorry")
    assert [one.reason for one in await desk.queue()] == ["engine_failed"]


async def test_after_an_emergency_nothing_is_asked_on_about_what_was_answered_before(
    desk: Desk, engine: ScriptedEngine
):
    messages = ("how do i get my report", "someone is breaking into my house right now", "how much")
    for number, text in enumerate(messages):
        await desk.receive(widget(text, number))
        await said(desk)
    assert [bool(request["state"]) for request in engine.requests] == [False, False]
