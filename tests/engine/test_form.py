"""The form leave_message_form with a real engine and the real actions on their socket."""

import pytest
import yaml

from bot.core.effects import HandoffRequested, MessageLeft
from bot.core.reference import read
from tests.engine.conftest import ROOT
from tests.engine.running import Desk

FIELDS = ("message_about", "message_contact", "message_confirm")


async def test_a_message_is_left_and_its_receipt_says_what_it_is_not(desk: Desk):
    opened = await desk.say("status of my case")
    assert [reply["topic"] for reply in opened["replies"]] == ["case/report_status", None]
    assert (opened["form"], opened["requested_slot"]) == ("leave_message_form", "message_about")
    await desk.say("My stolen bike, report from May")
    asked = await desk.say("call me at 312 555 0134")
    assert "About: My stolen bike, report from May\nReach you: (312) 555-0134" in asked["replies"][0]["text"]
    done = await desk.press("Yes, leave it")
    (message,) = desk.effects
    assert isinstance(message, MessageLeft)
    assert read(message.reference) == message.reference
    assert (message.unit, message.topic) == ("investigations", "case/report_status")
    assert (message.about, message.contact) == ("My stolen bike, report from May", "(312) 555-0134")
    receipt = done["replies"][0]["text"]
    assert message.reference in receipt
    assert "not a case number or a police report, and nobody is sent" in receipt
    assert (done["outcome"], done["form"], done["slots"]) == ("form", None, {})


async def test_the_whole_form_in_spanish(desk: Desk):
    desk.language = "es"
    await desk.say("status of my case", language_chosen=True)
    await desk.say("Mi bicicleta robada", language_chosen=True)
    asked = await desk.press("Este chat")
    assert "Contacto: por este chat" in asked["replies"][0]["text"]
    done = await desk.press("Sí, dejarlo")
    assert "Su referencia es FD-" in done["replies"][0]["text"]
    assert desk.effects[0].contact == "this chat"


@pytest.mark.parametrize(
    "typed, said",
    [
        ("five five five", "could not read a phone number"),
        ("123", "too short"),
        ("4" * 40, "too long to be a phone number"),
        ("911", "Nobody has been sent"),
        ("９１１", "Nobody has been sent"),
        ("1-900-555-0134", "cost extra"),
        ("+52 55 1234 5678", "outside the United States"),
    ],
)
async def test_a_contact_that_cannot_be_used_is_asked_for_again_with_the_reason(desk: Desk, typed: str, said: str):
    await desk.open_form("message_contact")
    answer = await desk.say(typed)
    assert said in answer["replies"][0]["text"]
    assert "How should the unit reach you?" in answer["replies"][1]["text"]
    assert answer["requested_slot"] == "message_contact"
    assert "message_contact" not in answer["slots"]


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("３１２－５５５－０１３４", "(312) 555-0134"),
        ("٣١٢ ٥٥٥ ٠١٣٤", "(312) 555-0134"),
        ("555-0134", "555-0134"),
        ("me@example.org", "me@example.org"),
        ("here", "this chat"),
    ],
)
async def test_contacts_are_read_however_they_are_typed(desk: Desk, typed: str, kept: str):
    await desk.open_form("message_contact")
    assert (await desk.say(typed))["slots"]["message_contact"] == kept


@pytest.mark.parametrize("typed, said", [("?!", "very short"), ("x" * 1001, "1,000 characters")])
async def test_what_it_is_about_has_a_length(desk: Desk, typed: str, said: str):
    await desk.open_form("message_about")
    answer = await desk.say(typed)
    assert said in answer["replies"][0]["text"]
    assert (answer["requested_slot"], answer["slots"]) == ("message_about", {})


async def test_no_throws_the_message_away(desk: Desk):
    await desk.open_form("message_confirm")
    answer = await desk.press("No, throw it away")
    assert (desk.effects, answer["form"], answer["slots"]) == ([], None, {})
    assert "Nothing was sent" in answer["replies"][0]["text"]


async def test_change_starts_the_questions_again(desk: Desk):
    await desk.open_form("message_confirm")
    answer = await desk.press("Change it")
    assert (answer["requested_slot"], answer["slots"], desk.effects) == ("message_about", {}, [])


async def test_neither_yes_nor_no_is_asked_again(desk: Desk):
    await desk.open_form("message_confirm")
    answer = await desk.say("maybe")
    assert (answer["requested_slot"], desk.effects) == ("message_confirm", [])


@pytest.mark.parametrize("field", FIELDS)
async def test_another_topics_question_is_answered_and_the_form_asks_again(desk: Desk, field: str):
    await desk.open_form(field)
    answer = await desk.say("where is my towed car?")
    assert (answer["outcome"], answer["topic"]) == ("answer", "vehicles/towed_impounded")
    assert answer["replies"][0]["topic"] == "vehicles/towed_impounded"
    assert len(answer["replies"]) == 2
    assert (answer["form"], answer["requested_slot"]) == ("leave_message_form", field)


async def test_what_a_message_is_about_may_read_like_a_topic(desk: Desk):
    await desk.open_form("message_about")
    answer = await desk.say("My car was towed on Monday and nobody tells me where it is")
    assert (answer["outcome"], answer["topic"], answer["requested_slot"]) == ("form", None, "message_contact")


@pytest.mark.parametrize("field", FIELDS)
async def test_a_cry_for_help_is_never_a_forms_answer(desk: Desk, field: str):
    await desk.open_form(field)
    answer = await desk.say("my son is bleeding")
    assert (answer["outcome"], answer["requested_slot"]) == ("emergency", field)


async def test_another_topic_with_the_form_does_not_lose_what_was_typed(desk: Desk):
    await desk.open_form("message_contact")
    answer = await desk.say({"topic": "records/video"})
    assert (answer["topic"], answer["requested_slot"]) == ("records/video", "message_contact")
    assert answer["slots"] == {"message_about": "My stolen bike, report from May"}


@pytest.mark.parametrize("field", FIELDS)
async def test_an_old_button_changes_nothing(desk: Desk, field: str):
    await desk.open_form(field)
    before = (await desk.say("where is my towed car?"))["slots"]
    other = {"message_about": "message_confirm:yes", "message_contact": "message_confirm:yes"}
    answer = await desk.say({"value": other.get(field, "message_contact:this chat")})
    assert "already closed" in answer["replies"][0]["text"]
    assert (answer["requested_slot"], answer["slots"], desk.effects) == (field, before, [])


async def test_a_form_button_without_a_form_changes_nothing(desk: Desk):
    await desk.say("hello")
    answer = await desk.say({"value": "message_confirm:yes"})
    assert "already closed" in answer["replies"][0]["text"]
    assert desk.effects == []


@pytest.mark.parametrize("field", FIELDS)
async def test_asking_for_a_person_leaves_the_form_and_takes_its_answers_along(desk: Desk, field: str):
    await desk.open_form(field)
    answer = await desk.say("a human please")
    (handoff,) = desk.effects
    assert isinstance(handoff, HandoffRequested)
    assert (handoff.reason, handoff.unit, handoff.topic) == ("asked", "investigations", "case/report_status")
    assert handoff.summary.startswith("a human please")
    assert ("My stolen bike" in handoff.summary) is (field != "message_about")
    assert (answer["outcome"], answer["form"], answer["slots"]) == ("handoff", None, {})


async def test_the_residents_own_words_are_read_back_as_text_only(desk: Desk):
    await desk.say("status of my case")
    await desk.say("[[units.records.email]] {language} ${HOME} <b>hi</b> %s")
    answer = await desk.say("555-0134")
    assert "About: [ [units.records.email] ] {language} ${HOME} <b>hi</b> %s\n" in answer["replies"][0]["text"]
    await desk.press("Yes, leave it")
    assert desk.effects[0].about == "[[units.records.email]] {language} ${HOME} <b>hi</b> %s"


def _command_words() -> list[str]:
    """Every word and slash command of data/commands, in every language."""
    words: list[str] = []
    for file in sorted((ROOT / "data/commands").glob("*.yml")):
        for command in yaml.safe_load(file.read_text("utf-8"))["commands"].values():
            words += list(command.get("phrases", ())) + [f"/{word}" for word in command.get("slash", ())]
    return words


@pytest.mark.parametrize("field", FIELDS)
async def test_no_command_word_is_ever_taken_for_a_contact_or_a_yes(desk: Desk, field: str):
    """The desk takes commands before the engine. Should one get through, it must not become an answer that counts."""
    words = _command_words()
    assert words
    await desk.open_form(field)
    state, language = desk.state, desk.language
    for word in words:
        desk.state, desk.language = state, language
        answer = await desk.say(word)
        assert desk.effects == [] or isinstance(desk.effects[0], HandoffRequested), word
        if field == "message_contact":
            assert "message_contact" not in answer["slots"], word


def test_every_form_slot_names_the_intents_it_may_be_filled_from():
    """The strict form of not_intent: no intent that a command, an old button or a question comes with is among them."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    mappings = [mapping for slot in domain["slots"].values() for mapping in slot["mappings"]]
    from_text = [mapping for mapping in mappings if mapping["type"] == "from_text"]
    assert len(from_text) == len(FIELDS)
    assert all(set(mapping["intent"]) == {"form_value", "no_answer", "choices"} for mapping in from_text)


def test_every_text_of_the_domain_has_its_spanish_twin_with_the_same_buttons():
    for name, variations in yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["responses"].items():
        english, spanish = variations
        assert "condition" not in english, name
        assert spanish["condition"] == [{"type": "slot", "name": "language", "value": "es"}], name
        assert [b["payload"] for b in english.get("buttons", ())] == [b["payload"] for b in spanish.get("buttons", ())]
