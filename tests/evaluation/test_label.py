"""Files of labelled messages: what is read, and the one line that a bad one gets."""

import json
from pathlib import Path

import pytest

from bot.core.refused import Refused
from bot.evaluation.label import read_labels

GOOD = {
    "text": "where do i pay", "lang": "en", "topic": "tickets/pay", "also": [], "expect": "answer",
    "expect_also": [], "provenance": "sms",
}  # fmt: skip
TOPICS = {"tickets/pay", "court/dates_subpoena"}


def read(folder: Path, *lines: str):
    (folder / "messages.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return read_labels(folder / "messages.jsonl", topics=TOPICS, longest=100)


def test_a_good_file(tmp_path: Path):
    more = {**GOOD, "also": ["court/dates_subpoena"], "expect_also": ["handoff"], "id": "any other field"}
    first, second = read(tmp_path, json.dumps(GOOD), "", json.dumps(more))
    assert (first.text, first.acceptable) == ("where do i pay", {"tickets/pay"})
    assert (second.acceptable, second.expect_also) == (TOPICS, ("handoff",))


@pytest.mark.parametrize("line, words", [
    ("{", "it is not JSON"),
    ("[1]", "it is not a JSON object"),
    (json.dumps({key: value for key, value in GOOD.items() if key != "lang"}), "the field lang is missing"),
    (json.dumps({**GOOD, "text": " "}), "the field text must be a text that is not empty"),
    (json.dumps({**GOOD, "text": 5}), "the field text must be a text that is not empty"),
    (json.dumps({**GOOD, "also": "tickets/pay"}), "the field also must be a list of texts"),
    (json.dumps({**GOOD, "topic": "tickets/unheard"}), "the live release has no topic tickets/unheard"),
    (json.dumps({**GOOD, "also": ["a/b"]}), "the live release has no topic a/b"),
    (json.dumps({**GOOD, "text": "x" * 101}), "its text has more than the 100 characters that the desk takes"),
])  # fmt: skip
def test_a_bad_line_is_named_by_its_number_and_not_repeated(tmp_path: Path, line: str, words: str):
    with pytest.raises(Refused) as refused:
        read(tmp_path, json.dumps(GOOD), "", line)
    assert str(refused.value) == f"Line 3 of messages.jsonl: {words}."


def test_an_expectation_nobody_knows(tmp_path: Path):
    with pytest.raises(Refused, match=r"Line 1 of messages.jsonl: maybe is nothing that can be expected; .*answer,"):
        read(tmp_path, json.dumps({**GOOD, "expect": "maybe"}))


@pytest.mark.parametrize("content, words", [
    (None, "cannot be read: there is no such file"),
    (b"\n\n", "holds no message"),
    (b'{"text": "\xff"}', "is not UTF-8 text"),
])  # fmt: skip
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes | None, words: str):
    path = tmp_path / "messages.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=words):
        read_labels(path, topics=TOPICS, longest=100)
