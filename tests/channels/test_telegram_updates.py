"""Telegram's updates as the desk's messages, malformed and future ones included."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.updates import BadUpdateError, Heard, UpdateReader, chat_key
from bot.core.commands import Commands
from bot.core.message import Kind
from bot.dev.telegram_simulator.acts import CONTENTS

COMMANDS = Commands.from_data(
    [
        {
            "language": "en",
            "commands": {"start": {"slash": ["start"]}, "human": {"slash": ["human"]}, "stop": {"slash": ["stop"]}},
        },
        {"language": "es", "commands": {"human": {"slash": ["persona"]}}},
    ]
)
READER = UpdateReader("42", b"key", COMMANDS, lambda text: "help" in text)
ALEX = {
    "id": 7,
    "is_bot": False,
    "first_name": "Alex",
    "last_name": "<b>",
    "username": "alex",
    "language_code": "es-MX",
}
PRIVATE = {"id": 7, "type": "private", "first_name": "Alex"}


def message(**content: Any) -> dict[str, Any]:
    return {"update_id": 10, "message": {"message_id": 1, "date": 1, "from": ALEX, "chat": PRIVATE, **content}}


def heard(update: object) -> Any:
    """The message that `update` is, None for none."""
    return READER.read(update).message


def test_a_text_is_read():
    read = heard(message(text=" Where?\r\n "))
    assert (read.kind, read.text, read.external_id, read.sequence) == (Kind.TEXT, "Where?", "42:10", 10)
    assert (read.chat_ref, read.language_hint, read.chat_key) == ("7", "es", chat_key(b"key", 7))


@pytest.mark.parametrize(
    "text, command, argument",
    [
        ("/start", "start", ""),
        ("/start@example_bot", "start", ""),
        ("/HUMAN", "human", ""),
        ("/persona por favor", "human", "por favor"),
        ("/start records-crash_report", "start", "records/crash_report"),
        ("/start a b", "start", "a b"),
    ],
)
def test_commands_are_known_in_every_language(text: str, command: str, argument: str):
    read = heard(message(text=text))
    assert (read.kind, read.command, read.argument, read.text) == (Kind.COMMAND, command, argument, text)


@pytest.mark.parametrize(
    "text", ["/restart", "/session_start", '/intent{"slot":"x"}', "/x@1.0", "/{", "/", "//", "/ human x", "human"]
)
def test_other_slashes_are_plain_text(text: str):
    assert heard(message(text=text)).kind in {Kind.TEXT} if text != "/ human x" else True


@pytest.mark.parametrize("kind", sorted(CONTENTS))
def test_what_cannot_be_read_is_named(kind: str):
    read = heard(message(**CONTENTS[kind], caption="see this"))
    assert (read.kind, read.unsupported, read.text) == (Kind.UNSUPPORTED, kind, "see this")


def test_a_kind_of_content_yet_to_come_is_answered_too():
    assert heard(message(hologram={"x": 1})).unsupported == "other"


@pytest.mark.parametrize(
    "content", [{"pinned_message": {}}, {"message_auto_delete_timer_changed": {}}, {"write_access_allowed": {}}]
)
def test_what_telegram_writes_itself_needs_no_answer(content: dict[str, Any]):
    assert heard(message(**content)).kind is Kind.IGNORED


@pytest.mark.parametrize(
    "mark, name",
    [
        ({"forward_origin": {"type": "user"}}, "forwarded"),
        ({"forward_sender_name": "Robin"}, "forwarded"),
        ({"via_bot": {"id": 1}}, "via_bot"),
        ({"sender_chat": {"id": -1}}, "sender_chat"),
    ],
)
def test_somebody_elses_words_are_kept_only_when_they_call_for_help(mark: dict[str, Any], name: str):
    read = heard(message(text="a secret", **mark))
    assert (read.kind, read.unsupported, read.text) == (Kind.UNSUPPORTED, name, "")
    assert heard(message(text="help", **mark)).text == "help"


@pytest.mark.parametrize("chat_type", ["group", "supergroup"])
def test_a_group_is_pointed_elsewhere(chat_type: str):
    read = READER.read(message(text="/start", chat={"id": -100, "type": chat_type, "title": "Maple Street"}))
    assert (read.message, read.group, read.language) == (None, -100, "es")


@pytest.mark.parametrize(
    "update",
    [
        {"channel_post": {"chat": {"id": -1, "type": "channel"}, "text": "x"}},
        {"inline_query": {"id": "1", "from": ALEX, "query": "x"}},
        {"poll": {"id": "1"}},
        {"poll_answer": {"user": ALEX}},
        {"message": "text"},
        {"message": None},
        {"hologram": [1]},
        {},
        {"message": {"text": "x"}},
        {"message": {"chat": {"id": "7", "type": "private"}, "text": "x"}},
        {"message": {"chat": {"id": True, "type": "private"}, "text": "x"}},
        {"message": {"chat": {"id": 2**64, "type": "private"}}},
        {"message": {"chat": PRIVATE, "from": {**ALEX, "is_bot": True}, "text": "x"}},
        {"edited_message": {"chat": {"id": -1, "type": "group"}, "text": "x"}},
    ],
)
def test_what_no_resident_wrote_is_taken_and_dropped(update: dict[str, Any]):
    assert (
        READER.read({"update_id": 5, **update}) == Heard(5) or READER.read({"update_id": 5, **update}).message is None
    )


@pytest.mark.parametrize("kind", ["my_chat_member", "message_reaction", "kind_to_come"])
def test_other_kinds_are_noted_in_a_private_chat(kind: str):
    assert heard({"update_id": 5, kind: {"chat": PRIVATE, "from": ALEX}}).kind is Kind.IGNORED


def test_an_edit_is_an_edit_and_a_moving_location_is_nothing():
    edited = {"update_id": 5, "edited_message": {"chat": PRIVATE, "from": ALEX, "text": "changed"}}
    moving = {"update_id": 6, "edited_message": {"chat": PRIVATE, "from": ALEX, "location": {"latitude": 1}}}
    assert (heard(edited).kind, heard(edited).text) == (Kind.EDIT, "changed")
    assert heard(moving).kind is Kind.IGNORED


@pytest.mark.parametrize(
    "query, button, chat_id",
    [
        ({"data": "abc", "message": {"message_id": 3, "chat": PRIVATE}}, "abc", 7),
        ({"data": "abc", "message": {"message_id": 3, "chat": PRIVATE, "date": 0}}, "abc", 7),
        ({"data": "abc"}, "abc", 7),
        ({"data": "x" * 65, "message": {"message_id": 3, "chat": PRIVATE}}, "", 7),
        ({"data": "a b", "message": {"message_id": 3, "chat": PRIVATE}}, "", 7),
        ({"game_short_name": "x", "message": {"message_id": 3, "chat": PRIVATE}}, "", 7),
    ],
)
def test_a_pressed_button_is_read_and_always_answered(query: dict[str, Any], button: str, chat_id: int):
    read = READER.read({"update_id": 5, "callback_query": {"id": "q1", "from": ALEX, **query}})
    assert read.message
    assert read.press
    assert (read.message.kind, read.message.button, read.press.query_id, read.press.chat_id) == (
        Kind.BUTTON,
        button,
        "q1",
        chat_id,
    )


@pytest.mark.parametrize(
    "query", [{"data": "abc", "message": {"chat": {"id": -1, "type": "group"}}}, {"data": "chosen"}]
)
def test_a_press_that_means_nothing_is_answered_all_the_same(query: dict[str, Any]):
    read = READER.read({"update_id": 5, "callback_query": {"id": "q1", "from": ALEX, **query}})
    assert read.message is None
    assert read.press


@pytest.mark.parametrize(
    "update",
    [
        None,
        [],
        1,
        "x",
        {},
        {"update_id": "10"},
        {"update_id": -1},
        {"update_id": 2**63},
        {"update_id": True},
        {"update_id": 1.5},
        {"update_id": None},
        {"message": {}},
    ],
)
def test_what_is_no_update_is_refused(update: object):
    with pytest.raises(BadUpdateError):
        READER.read(update)


@pytest.mark.parametrize("update_id", [0, 1, 2**53, 2**63 - 1])
def test_update_ids_at_the_edges(update_id: int):
    assert heard({**message(text="x"), "update_id": update_id}).sequence == update_id


@pytest.mark.parametrize("chat_id", [2**52 + 1, 2**62, -5])
def test_chat_ids_at_the_edges(chat_id: int):
    assert heard(message(text="x", chat={"id": chat_id, "type": "private"})).chat_ref == str(chat_id)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(codec=None)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "chat",
                    "from",
                    "text",
                    "id",
                    "type",
                    "data",
                    "message",
                    "caption",
                    "photo",
                    "reply_markup",
                    "inline_keyboard",
                    "callback_data",
                    "forward_origin",
                    "language_code",
                    "is_bot",
                    "message_id",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "x"])
CHATS = st.fixed_dictionaries({"id": st.integers(), "type": st.sampled_from(["private", "group", "channel", "x"])})


@settings(max_examples=300, deadline=None)
@given(st.integers(-1, 2**64), KINDS, st.one_of(JSON, st.dictionaries(st.text(max_size=8), JSON, max_size=5)), CHATS)
def test_nothing_makes_it_fail(update_id: int, kind: str, content: Any, chat: dict[str, Any]):
    whole = {**content, "chat": chat} if isinstance(content, dict) else content
    try:
        read = READER.read({"update_id": update_id, kind: whole})
    except BadUpdateError:
        return
    if read.message:
        read.message.text.encode()
        assert len(read.message.button or "") <= 64


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_at_all(update: Any):
    with contextlib.suppress(BadUpdateError):
        READER.read(update)
