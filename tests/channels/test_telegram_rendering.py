"""Replies as Telegram shows them: within its limits, whole, in order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.rendering import chosen, keyboard, parts, split, utf16_length
from bot.core.department import Department
from bot.core.message import Author, Button, OutgoingMessage
from bot.desk.words import Words

WORDS = Words(
    Department({"languages": ["en"], "name": {"en": "Example City Police"}}),
    [
        {
            "language": "en",
            "texts": {
                "telegram_divider": "----",
                "telegram_speaker": "[[who]]:",
                "who_assistant": "Automated assistant",
            },
        }
    ],
)


def outgoing(text: str, **values: object) -> OutgoingMessage:
    given = {"message_id": "m", "conversation_id": "c", "chat_ref": "7", "author": Author.ASSISTANT, **values}
    return OutgoingMessage(text=text, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values, shown",
    [
        ({}, "Hello"),
        ({"author": Author.STAFF, "staff_name": "Sam, Records"}, "Sam, Records:\nHello"),
        ({"author": Author.NOTICE, "divider": True}, "----\nHello"),
        ({"divider": True}, "----\nAutomated assistant:\nHello"),
        ({"author": Author.STAFF, "staff_name": "<b>Sam</b>", "divider": True}, "----\n<b>Sam</b>:\nHello"),
    ],
)
def test_it_says_who_is_speaking(values: dict[str, object], shown: str):
    assert parts(outgoing("Hello", **values), WORDS) == [shown]


def test_nothing_to_read_is_nothing_to_send():
    assert parts(outgoing(" \n "), WORDS) == []


@pytest.mark.parametrize(
    "text, limit, expected",
    [
        ("short", 10, ["short"]),
        ("one two three", 8, ["one two", "three"]),
        ("First one. Second", 12, ["First one.", "Second"]),
        ("a line\nanother one", 12, ["a line", "another one"]),
        ("para one\n\npara two. more", 20, ["para one", "para two. more"]),
        ("x" * 10, 4, ["xxxx", "xxxx", "xx"]),
        ("😀" * 5, 4, ["😀😀", "😀😀", "😀"]),
        ("aaae\u0301bbb", 4, ["aaa", "e\u0301bb", "b"]),
        ("aa👩\u200d👧bb", 5, ["aa", "👩\u200d👧", "bb"]),
    ],
)
def test_it_is_cut_where_a_reader_would(text: str, limit: int, expected: list[str]):
    assert split(text, limit) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab .,\n?é\u0301😀\u200d👧中"), max_size=400), st.integers(4, 60))
def test_nothing_is_lost_and_no_part_is_too_long(text: str, limit: int):
    found = split(text, limit)
    assert all(part and utf16_length(part) <= limit for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@pytest.mark.parametrize("length, count", [(4096, 1), (4097, 2), (1_000_000, 245)])
def test_telegrams_own_limit(length: int, count: int):
    assert len(split("x" * length)) == count


def test_buttons_are_one_a_row_with_their_opaque_ids():
    made = keyboard(
        (Button("Crash report", id="abc"), Button("no id"), Button("t" * 100, id="def"), Button("x", id="y" * 65))
    )
    assert made
    assert [[(key.text, key.callback_data) for key in row] for row in made.inline_keyboard] == [
        [("Crash report", "abc")],
        [("t" * 59 + "…", "def")],
    ]
    assert keyboard(()) is None


def test_a_choice_is_marked():
    made = chosen("Yes")
    assert made
    assert made.inline_keyboard[0][0].text == "✓ Yes"
    assert chosen(None) is None
