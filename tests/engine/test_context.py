"""What a message means after what was said before it, with a real engine: asked on, picked, or two matters in one."""

from typing import Any

import pytest

from tests.engine.running import Desk

CRASH, TOWED = "records/crash_report", "vehicles/towed_impounded"


def told(answer: dict[str, Any]) -> tuple[Any, ...]:
    return answer["outcome"], answer["topic"], answer["assumed"], answer["also_topic"]


def buttons(answer: dict[str, Any]) -> list[str]:
    return [button.get("topic") or button.get("command") for button in answer["replies"][0]["buttons"]]


async def test_two_matters_are_answered_and_offered(desk: Desk):
    answer = await desk.say("crash report also my car was towed")
    assert told(answer) == ("answer", CRASH, None, TOWED)
    assert [reply["topic"] for reply in answer["replies"]] == [CRASH]
    assert buttons(answer) == [TOWED]
    assert told(await desk.press(TOWED)) == ("answer", TOWED, None, None)


async def test_a_second_matter_is_offered_until_it_is_answered(desk: Desk):
    await desk.say("towed also crash")
    for message in ("what does it cost", "hello", "and on sundays", "what does it cost"):
        answer = await desk.say(message)
        assert message == "hello" or CRASH in buttons(answer)
    await desk.press(CRASH)
    assert told(await desk.say("what does it cost")) == ("answer", CRASH, CRASH, None)


async def test_the_first_of_two_matters_may_open_a_form(desk: Desk):
    answer = await desk.say("status also crash")
    assert told(answer) == ("form", "case/report_status", None, CRASH)
    assert answer["form"] == "leave_message_form"
    assert buttons(answer) == [CRASH]


async def test_a_matter_that_this_release_lacks_is_not_offered(desk: Desk):
    assert told(await desk.say("crash also retired")) == ("answer", CRASH, None, None)


CONVERSATIONS: dict[str, list[tuple[Any, tuple[Any, ...]]]] = {
    "asked on, on again, and the same again": [
        ("crash", ("answer", CRASH, None, None)),
        ("what does it cost", ("answer", CRASH, CRASH, None)),
        ("and on sundays", ("answer", CRASH, CRASH, None)),
        ("what does it cost", ("no_answer", None, CRASH, None)),
        ("what does it cost", ("no_answer", None, CRASH, None)),
        ("towed", ("answer", TOWED, None, None)),
        ("what does it cost", ("answer", TOWED, TOWED, None)),
    ],
    "small talk between": [
        ("crash", ("answer", CRASH, None, None)),
        ("hello", ("smalltalk", "chat/courtesy", None, None)),
        ("what does it cost", ("answer", CRASH, CRASH, None)),
    ],
    "a pressed button": [
        ({"topic": CRASH}, ("answer", CRASH, None, None)),
        ("what does it cost", ("answer", CRASH, CRASH, None)),
    ],
    "nothing before": [("what does it cost", ("no_answer", None, None, None))],
    "no answer before": [
        ("crash", ("answer", CRASH, None, None)),
        ("xyzzy", ("no_answer", None, None, None)),
        ("what does it cost", ("no_answer", None, None, None)),
    ],
    "a redirect before": [
        ("crash", ("answer", CRASH, None, None)),
        ("pizza", ("no_answer", "oos/general", None, None)),
        ("what does it cost", ("no_answer", None, None, None)),
    ],
    "an emergency before": [
        ("crash", ("answer", CRASH, None, None)),
        ("bleeding", ("emergency", "emergency/fire_medical", None, None)),
        ("what does it cost", ("no_answer", None, None, None)),
    ],
    "a person asked for before": [
        ("crash", ("answer", CRASH, None, None)),
        ("human", ("handoff", "chat/human_handoff", None, None)),
        ("what does it cost", ("no_answer", None, None, None)),
    ],
    "a choice picked by its place, and asked on": [
        ("which", ("choices", None, None, None)),
        ("the second", ("answer", TOWED, TOWED, None)),
        ("what does it cost", ("answer", TOWED, TOWED, None)),
    ],
    "a place that was not offered": [
        ("which", ("choices", None, None, None)),
        ("the fourth", ("no_answer", None, None, None)),
    ],
    "a place long after the choices": [
        ("which", ("choices", None, None, None)),
        ("crash", ("answer", CRASH, None, None)),
        ("the second", ("no_answer", None, None, None)),
    ],
    "an emergency among the words": [
        ("crash", ("answer", CRASH, None, None)),
        ("bleeding and what does it cost", ("emergency", "emergency/fire_medical", None, None)),
    ],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_conversation(desk: Desk, name: str):
    for message, expected in CONVERSATIONS[name]:
        assert told(await desk.say(message)) == expected, message


async def test_inside_a_form_nothing_is_assumed(desk: Desk):
    await desk.say("crash")
    await desk.open_form(up_to="message_contact")
    answer = await desk.say("what does it cost")
    assert (answer["assumed"], answer["requested_slot"]) == (None, "message_contact")


async def test_asking_again_offers_a_person_and_what_else_it_may_be(desk: Desk):
    for _ in range(2):
        await desk.say("crash")
        await desk.say("what does it cost")
        answer = await desk.say("what does it cost")
    assert "[[topic]]" in answer["replies"][0]["text"]
    assert buttons(answer) == ["tickets/pay", "human"]


async def test_an_assumed_answer_also_offers_what_the_message_may_mean_alone(desk: Desk):
    await desk.say("crash")
    assert buttons(await desk.say("what does it cost")) == ["tickets/pay", TOWED]


async def test_a_text_alone_has_its_two_matters_and_no_context(desk: Desk):
    answer = (await desk.post("/parse", {"text": "crash also towed"})).json()
    assert (answer["topic"], answer["assumed"], answer["also_topic"]) == (CRASH, None, TOWED)
