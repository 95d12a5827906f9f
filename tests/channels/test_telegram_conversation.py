"""Residents on Telegram and the desk, both ways, through a real Bot API server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.core.message import Author, Button, DeliveryState, OutgoingMessage
from bot.desk.views import StaffView
from bot.dev.telegram_simulator import SimulatorProcess
from bot.dev.telegram_simulator.world import GROUP_ID
from tests.channels.telegram_parts import TelegramDesk, telegram_desk

ALEX, BLANCA, CASEY = 1001, 1002, 1003


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scale=0.1) as running:
        yield running


@pytest.fixture
def telegram(simulator: SimulatorProcess) -> SimulatorProcess:
    simulator.reset()
    return simulator


@pytest.fixture(params=["polling", "webhook"])
async def both(
    request: pytest.FixtureRequest, tmp_path: Path, telegram: SimulatorProcess
) -> AsyncIterator[TelegramDesk]:
    async with telegram_desk(tmp_path, telegram, webhook=request.param == "webhook") as made:
        yield made


@pytest.fixture
async def desk(tmp_path: Path, telegram: SimulatorProcess) -> AsyncIterator[TelegramDesk]:
    async with telegram_desk(tmp_path, telegram, webhook=True) as made:
        yield made


async def test_a_question_is_answered(both: TelegramDesk):
    await both.text(ALEX, "where is the station")
    await both.told(ALEX, "answer to where is the station")
    assert both.channel.health()["state"] == "ok"


async def test_the_first_words_say_that_it_is_automatic_and_not_for_emergencies(both: TelegramDesk):
    await both.text(BLANCA, "/start")
    greeting = await both.told(BLANCA, "asistente automático")
    assert "911" in greeting["text"]


async def test_an_emergency_is_answered_at_once(both: TelegramDesk):
    await both.text(ALEX, "someone is breaking into my house right now")
    assert "911" in (await both.told(ALEX, "911"))["text"]


async def test_a_person_takes_over_and_is_named_on_every_message(both: TelegramDesk):
    await both.text(ALEX, "/human")
    await both.told(ALEX, "number 1 in line")
    staff = StaffView("sam", "Sam, Records")
    waiting = (await both.desk.queue())[0]
    await both.desk.claim(waiting.handoff_id, staff)
    await both.told(ALEX, "You are now writing with Sam, Records")
    await both.desk.staff_reply(waiting.conversation_id, staff, "Which street was it?", "1")
    assert (await both.told(ALEX, "Which street"))["text"] == "Sam, Records:\nWhich street was it?"
    await both.text(ALEX, "Maple Street")
    await both.until(lambda: len(both.telegram.calls("sendMessage")) >= 4)
    assert await both.answers(ALEX) == []  # the engine is silent
    await both.desk.resolve(waiting.handoff_id, staff)
    await both.told(ALEX, "closed this conversation")
    await both.text(ALEX, "thank you")
    await both.told(ALEX, "answer to thank you")


async def test_a_pressed_button_is_answered_once_and_marked(desk: TelegramDesk):
    await desk.text(BLANCA, "/idioma")
    asked = await desk.told(BLANCA, "idioma")
    await desk.do(desk.telegram.press, BLANCA, "English")
    await desk.told(BLANCA, "I will answer in English")
    await desk.until(
        lambda: _keyboard(desk, BLANCA, asked["message_id"]) == [[{"text": "✓ English", "callback_data": "chosen"}]]
    )
    await desk.do(desk.telegram.press, BLANCA, "✓ English")
    await desk.until(lambda: all(desk.telegram.state()["callbacks"].values()))
    answered = [call["callback_query_id"] for call in desk.telegram.calls("answerCallbackQuery")]
    assert len(answered) == len(set(answered)) == 2


@pytest.mark.parametrize(
    "press",
    [
        {"data": "no-such-button"},
        {"data": "no-such-button", "message_id": 1},
        {"data": "x" * 80},
        {"data": "'; DROP TABLE button; --"},
        {"data": "\ud800"},
        {"data": ""},
    ],
)
async def test_an_unknown_button_is_answered_once_and_changes_nothing(desk: TelegramDesk, press: dict[str, object]):
    await desk.text(ALEX, "hello")
    await desk.told(ALEX, "answer to hello")
    await desk.do(desk.telegram.act, ALEX, "press", **press)
    await desk.until(lambda: all(desk.telegram.state()["callbacks"].values()))
    await desk.told(ALEX, "no longer in use")
    assert len(desk.telegram.calls("answerCallbackQuery")) == 1


async def test_another_residents_button_does_nothing(desk: TelegramDesk):
    """B13: the id of a button belongs to one conversation, as a press and as a text."""
    await desk.text(BLANCA, "/idioma")
    asked = await desk.told(BLANCA, "idioma")
    stolen = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await desk.text(ALEX, "hello")
    await desk.told(ALEX, "answer to hello")
    await desk.do(desk.telegram.act, ALEX, "press", data=stolen)
    await desk.told(ALEX, "no longer in use")
    await desk.text(ALEX, stolen)
    await desk.told(ALEX, f"answer to {stolen}")
    assert await desk.rows("SELECT count(*) FROM button WHERE used_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/session_start",
        '/intent{"slot":"x"}',
        "/x@1.0",
        "' OR 1=1--",
        "%s {phone} ${TELEGRAM_TOKEN}",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "{{7*7}} $(id) `ls`",
        "{0.__class__}",
    ],
)
async def test_odd_text_is_only_text(desk: TelegramDesk, text: str):
    await desk.text(ALEX, text)
    await desk.told(ALEX, f"answer to {text}")
    assert desk.engine.requests[-1]["message"] == {"text": text}


@pytest.mark.parametrize("text", ["/{", " ", "\u200b", "😀", "\u202e", "."])
async def test_nothing_to_read_gets_one_polite_prompt(desk: TelegramDesk, text: str):
    desk.telegram.raw(
        {
            "message": {
                "message_id": 1,
                "from": {"id": ALEX, "is_bot": False},
                "chat": {"id": ALEX, "type": "private"},
                "text": "hello",
            }
        }
    )
    await desk.do(desk.telegram.act, ALEX, "text", text=text)
    await desk.told(ALEX, "I could not read anything")
    assert desk.engine.requests[1:] == []


@pytest.mark.parametrize(
    "kind",
    [
        "photo",
        "voice",
        "video_note",
        "sticker",
        "document",
        "contact",
        "location",
        "venue",
        "dice",
        "poll",
        "animation",
    ],
)
async def test_what_cannot_be_read_is_answered_helpfully(desk: TelegramDesk, kind: str):
    await desk.do(desk.telegram.act, ALEX, kind)
    await desk.told(ALEX, "I can only read text here")
    assert desk.engine.requests == []


async def test_a_caption_is_read_for_emergencies(desk: TelegramDesk):
    await desk.do(desk.telegram.act, ALEX, "photo", caption="someone is breaking into my house right now")
    await desk.told(ALEX, "Call 911")


async def test_an_edit_is_recorded_and_not_run_again(desk: TelegramDesk):
    await desk.text(ALEX, "where is the staton")
    await desk.told(ALEX, "answer to where is the staton")
    await desk.do(desk.telegram.act, ALEX, "edit", message_id=1, text="where is the station")
    await desk.do(desk.telegram.act, ALEX, "edit", message_id=1, text="someone is breaking into my house right now")
    await desk.told(ALEX, "911 now")
    assert await desk.answers(ALEX) == ["where is the staton"]
    assert await desk.rows("SELECT body FROM message WHERE kind = 'edit' ORDER BY ord") == [
        ("where is the station",),
        ("someone is breaking into my house right now",),
    ]


async def test_a_group_is_pointed_to_the_private_chat_once_and_nothing_is_stored(desk: TelegramDesk):
    for text in ("hello", "/human", "what is this?"):
        await desk.do(desk.telegram.act, ALEX, "group", text=text)
    await desk.text(ALEX, "hello")
    await desk.told(ALEX, "answer to hello")
    said = [message["text"] for message in desk.telegram.from_bot(GROUP_ID)]
    assert len(said) == 1
    assert "https://t.me/example_city_desk_bot" in said[0]
    assert await desk.rows("SELECT body FROM message WHERE direction = 'in'") == [("hello",)]


async def test_forwarded_words_are_refused_with_a_note_and_not_kept(desk: TelegramDesk):
    await desk.do(desk.telegram.act, ALEX, "forward", text="my neighbor Robin told me a secret")
    await desk.told(ALEX, "I can only read text")
    assert await desk.rows("SELECT body FROM message WHERE direction = 'in'") == [("",)]


async def test_a_forwarded_call_for_help_is_answered_at_once(desk: TelegramDesk):
    await desk.do(desk.telegram.act, ALEX, "forward", text="someone is breaking into my house right now")
    await desk.told(ALEX, "911")


async def test_names_are_stored_nowhere(desk: TelegramDesk, tmp_path: Path):
    desk.telegram.add_user(7_654_321_987, name="<b>Zanzibar</b>")
    await desk.text(7_654_321_987, "hello")
    await desk.told(7_654_321_987, "answer to hello")
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Zanzibar" not in stored
    assert b"user7654321987" not in stored
    assert b"7654321987" not in stored  # the chat's id is encrypted, and its key is a hash


async def test_a_long_reply_comes_in_order_with_its_buttons_below_the_last_part(desk: TelegramDesk):
    await desk.text(ALEX, "hello")
    await desk.told(ALEX, "answer to hello")
    text = "\n\n".join(f"Paragraph {number}. " + "All of it matters. " * 40 for number in range(12))
    sent = await desk.channel.send(
        OutgoingMessage("m1", "c1", str(ALEX), text, Author.ASSISTANT, buttons=(Button("More", id="b1"),))
    )
    parts = desk.telegram.from_bot(ALEX)[2:]
    assert sent.state is DeliveryState.SENT
    assert len(parts) == 3
    assert " ".join(part["text"] for part in parts).split() == text.split()
    assert ["reply_markup" in part for part in parts] == [False, False, True]


async def test_commands_are_offered_in_both_languages(desk: TelegramDesk):
    await desk.until(lambda: set(desk.telegram.state()["commands"]) == {"", "en", "es"})
    offered = desk.telegram.state()["commands"]
    assert {"command": "human", "description": "Talk to a person"} in offered[""]
    assert {"command": "humano", "description": "Hablar con una persona"} in offered["es"]


def _keyboard(desk: TelegramDesk, user: int, message_id: int) -> object:
    message = next(m for m in desk.telegram.messages(user) if m["message_id"] == message_id)
    return message.get("reply_markup", {}).get("inline_keyboard")
