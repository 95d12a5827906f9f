"""Turns with a real engine process: what a resident writes, and what comes back. ``-m tests.engine.fixture.train``'s
topics and keyword classifier stand for the department's."""

import pytest

from tests.engine.running import Desk


@pytest.mark.parametrize(
    "text, outcome, topic",
    [
        ("my crash report", "answer", "records/crash_report"),
        ("hello there", "smalltalk", "chat/courtesy"),
        ("pizza near me", "no_answer", "oos/general"),
        ("he is bleeding", "emergency", "emergency/fire_medical"),
        ("a human please", "handoff", "chat/human_handoff"),
        ("status of my case", "form", "case/report_status"),
        ("which of them", "choices", None),
        ("colourless green ideas", "no_answer", None),
        ("something retired", "no_answer", None),
    ],
)
async def test_outcomes(desk: Desk, text: str, outcome: str, topic: str | None):
    answer = await desk.say(text)
    assert (answer["outcome"], answer["topic"]) == (outcome, topic)
    assert answer["replies"][0]["text"]


async def test_an_answer_has_its_text_topic_and_next_steps(desk: Desk):
    answer = await desk.say("my crash report")
    assert answer["replies"] == [
        {
            "text": "Answer to records/crash_report. Call [[phone]].",
            "topic": "records/crash_report",
            "buttons": [{"title": "vehicles/towed_impounded", "topic": "vehicles/towed_impounded"}],
        }
    ]
    assert answer["confidence"] == 0.97


async def test_the_answer_is_in_the_language_of_the_message(desk: Desk):
    answer = await desk.say("mi choque")
    assert answer["language"] == "es"
    assert answer["replies"][0]["text"] == "Respuesta de records/crash_report."
    assert answer["replies"][0]["buttons"][0]["title"] == "vehicles/towed_impounded (es)"


async def test_a_chosen_language_stays(desk: Desk):
    answer = await desk.say("mi choque", language_chosen=True)
    assert answer["language"] == "en"


async def test_a_language_the_release_does_not_speak_becomes_the_default(desk: Desk):
    assert (await desk.say("my crash report", language="tlh"))["language"] == "en"


async def test_choices_are_buttons_with_a_way_to_a_person_last(desk: Desk):
    answer = await desk.say("which of them")
    assert [button.get("topic") or button.get("command") for button in answer["replies"][0]["buttons"]] == [
        "records/crash_report",
        "vehicles/towed_impounded",
        "human",
    ]
    assert answer["choices"] == [
        {"topic": "records/crash_report", "p": 0.4},
        {"topic": "vehicles/towed_impounded", "p": 0.35},
    ]


async def test_a_topic_button_is_answered_with_certainty(desk: Desk):
    await desk.say("which of them")
    answer = await desk.press("records/crash_report")
    assert (answer["outcome"], answer["topic"], answer["confidence"]) == ("answer", "records/crash_report", 1.0)


async def test_a_button_of_a_topic_that_is_gone_is_no_answer(desk: Desk):
    assert (await desk.say({"topic": "records/gone"}))["outcome"] == "no_answer"


async def test_no_answer_offers_a_person_and_the_second_one_says_so_first(desk: Desk):
    first, second = await desk.say("xyzzy"), await desk.say("plugh")
    for answer in (first, second):
        assert "[[phone]]" in answer["replies"][0]["text"]
        assert answer["replies"][0]["buttons"] == [{"title": "Talk to a person", "command": "human"}]
    assert "I still cannot answer that, so a person should" in second["replies"][0]["text"]
    await desk.say("my crash report")
    assert "will not guess" in (await desk.say("xyzzy"))["replies"][0]["text"]


async def test_the_notice_is_passed_on(desk: Desk):
    assert (await desk.say("notice crash"))["notice"] is True


@pytest.mark.parametrize(
    "text",
    [
        "/restart", "/session_start", "/back", '/chat{"language": "es"}', '/form_value{"message_about": "x"}',
        "/handoff", "/x@1.0", "/{", "/bot", "EXTERNAL: x", "${HOME}", "{language}", "{0.__class__}", "[[phone]]",
    ],
)
async def test_what_looks_like_an_order_to_rasa_is_text(desk: Desk, text: str):
    answer = await desk.say(text)
    assert (answer["outcome"], answer["language"], answer["slots"]) == ("no_answer", "en", {})
    assert [event["text"] for event in answer["events"] if event["event"] == "user"] == [text]


async def test_only_new_events_come_back_and_the_first_turn_brings_the_fresh_ones(desk: Desk):
    first = await desk.say("my crash report")
    assert first["started_fresh"] is True
    assert [event["event"] for event in first["events"]][:4] == ["action", "session_started", "slot", "action"]
    second = await desk.say("my crash report")
    assert second["started_fresh"] is False
    assert [event["event"] for event in second["events"]] == ["user", "user_featurization", "action", "bot", "action"]


async def test_carried_slots_start_a_fresh_conversation_and_unknown_ones_are_left_behind(desk: Desk):
    carry = {"message_about": "My stolen bike", "gone": 1, "requested_slot": "message_contact"}
    answer = await desk.say("status of my case", carry=carry)
    assert (answer["requested_slot"], answer["slots"]) == ("message_contact", {"message_about": "My stolen bike"})


async def test_two_engines_take_alternate_turns_of_one_form(desk: Desk, built, tmp_path):
    from tests.engine.running import RunningEngine

    with RunningEngine.started(built / "release", tmp_path) as other:
        async with Desk.opened(other) as second:
            await desk.say("status of my case")
            second.state = desk.state
            await second.say("My stolen bike")
            desk.state = second.state
            await desk.say("555-0134")
            second.state = desk.state
            await second.say("yes")
    assert [effect.contact for effect in second.effects] == ["555-0134"]


async def test_sixty_turns_stay_one_conversation(desk: Desk):
    for _ in range(60):
        await desk.say("my crash report")
    assert (await desk.say("mi choque"))["language"] == "es"
