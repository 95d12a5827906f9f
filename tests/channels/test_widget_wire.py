"""What the widget's JSON may be (promises B1-B13, B22, B25), without a desk."""

import json

import pytest

from bot.channels.widget import wire
from bot.channels.widget.wire import NotAccepted

ID = "3f2b8c1e-5d7a-4e0f-9b1c-2a6d8e4f7c90"


def body(**fields: object) -> bytes:
    return json.dumps({"client_id": ID, **fields}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"true",
        b"{",
        b'{"client_id":',
        b'{"text":"a","text":"b"}',
        b'{"text": NaN}',
        b'{"text": Infinity}',
        b"[" * 8000,
        b'{"a":' * 2500 + b"1" + b"}" * 2500,
        b'\xef\xbb\xbf{"text": "x"}',
        b'{"text": "\xff\xfe"}',
        b'{"text": "\xed\xa0\x80"}',
        b"{'text': 'x'}",
        b'{"text": "a\nb"}',
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_a_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(NotAccepted) as refused:
        wire.posted(raw)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": 1},
        {"text": {}},
        {"text": ["x"]},
        {"text": True},
        {"text": None},
        {"text": "a", "button": "b" * 22},
        {"text": "a", "command": "human"},
        {"button": "short"},
        {"button": "b" * 22 + "\n"},
        {"button": "' OR 1=1--" + "b" * 12},
        {"command": "format_disk"},
        {"command": ""},
        {"text": "a", "start": "abc"},
        {"text": "a", "start": 5},
        {"text": "a", "client_id": None},
        {"text": "a", "client_id": 5},
        {"text": "a", "client_id": "x"},
        {"text": "a", "client_id": ID.upper()},
        {"text": "a", "client_id": ID + "\n"},
        {"text": "a", "client_id": "\ud800" * 36},
        {"text": "a", "client_id": "\x00" + ID[1:]},
    ],
)
def test_fields_of_the_wrong_kind_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(NotAccepted):
        wire.posted(body(**fields))


@pytest.mark.parametrize(
    "sent, expected",
    [
        ("hello", "hello"),
        ("", ""),
        ("  \u200b ", "\u200b"),
        ("a\x00b\x07c", "abc"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        ("/restart", "/restart"),
        ('/intent{"slot":"x"}', '/intent{"slot":"x"}'),
        ("{{7*7}} ${HOME} %s", "{{7*7}} ${HOME} %s"),
        ("cafe\u0301", "café"),
        ("a\r\nb", "a\nb"),
        ("\u202egnp.exe", "\u202egnp.exe"),
    ],
)
def test_text_arrives_as_text(sent: str, expected: str) -> None:
    assert wire.posted(body(text=sent)).text == expected


def test_names_that_are_not_ours_are_dropped() -> None:
    posted = wire.posted(
        body(text="x", metadata={"a": {"b": 1}}, __proto__={"x": 1}, owner="staff", seq=9, language="tlh")
    )
    assert posted == wire.Posted(client_id=ID, text="x", language="tlh")


@pytest.mark.parametrize("value, expected", [(None, 0), ("0", 0), ("17", 17)])
def test_a_sequence_number(value: str | None, expected: int) -> None:
    assert wire.sequence_number(value) == expected


@pytest.mark.parametrize("value", ["-1", "1.5", "x", "", "99999999999", "4294967296", "１", " 1"])
def test_a_sequence_number_is_digits_only(value: str) -> None:
    with pytest.raises(NotAccepted):
        wire.sequence_number(value)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "[]",
        '{"token": 1}',
        '{"token": "t", "after": "1"}',
        '{"token": "t", "after": true}',
        '{"token": "t", "after": -1}',
        '{"after": 1}',
        "{" * 500,
    ],
)
def test_a_first_frame_must_be_whole(frame: str) -> None:
    with pytest.raises(NotAccepted):
        wire.hello(frame)
