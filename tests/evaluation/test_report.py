"""The report as lines and as a page: nothing of a message becomes markup, and everybody can read it."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.evaluate import write
from bot.evaluation.lines import error_lines, lines
from bot.evaluation.report import report
from tests.e2e.browser import chromium, violations
from tests.evaluation.answers import judged

EVIL = "<script>window.__pwned=1</script> where is my \u202e<b>car</b>"
MESSAGES = [
    judged("tickets/pay", "answer", "tickets/pay", text="How do I PAY a ticket?"),
    judged("tickets/pay", "answer", "court/dates_subpoena", said={"confidence": 0.6}, text=EVIL),
    judged("court/dates_subpoena", "choices", None, said={"choices": ["court/dates_subpoena"]}, provenance="faq_site"),
    judged("court/dates_subpoena", "no_answer", None, lang="es", said={"confidence": 0.2}),
    judged("oos/general", "answer", "tickets/pay", expect="out_of_scope"),
    judged("emergency/fire_medical", "answer", "tickets/pay", expect="emergency", said={"confidence": None}),
    judged("tickets/pay", "emergency", None, said={"confidence": None}),
    judged("tickets/pay", "answer", "tickets/pay", lang="fr", text="où payer"),
]
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TAUGHT = ["how do i pay a ticket", "something else"]


def made(messages=MESSAGES, taught=TAUGHT):
    return report(messages, file="some.jsonl", release="r1", languages=["en", "es"], taught=taught, now=NOW)


def test_a_language_that_the_department_does_not_list_stands_apart():
    found = made()
    assert [one["name"] for one in found["languages"]] == ["en", "es"]
    assert [(one["name"], one["messages"]) for one in found["unlisted"]] == [("fr", 1)]
    assert (found["messages"], found["all"][0]["messages"]) == (8, 7)


def test_texts_that_were_trained_on_are_found_however_they_are_typed():
    assert made()["taught"] == ["How do I PAY a ticket?"]
    told = lines(made())
    assert told[1].startswith("WARNING: 1 of 8 texts stand in the topics' examples.")
    assert told[2] == "  How do I PAY a ticket?"
    assert [one["name"] for one in made()["all"]] == ["all messages", "written by the public", "in no topic's examples"]
    assert lines(made(taught=[]))[1] == "None of these texts stands in the topics' examples."


def test_the_lines_give_count_share_and_interval():
    told = "\n".join(lines(made()))
    assert "  right at first answer           1/5     20.0%  [3.6%, 62.5%]" in told
    assert "not listed in department.yml: language fr: 1 messages" in told
    assert "time a message, through desk and engine: median 20 ms, p95 20 ms" in told


def test_the_errors_by_what_came_of_them():
    told = error_lines(made())
    assert [line for line in told if not line.startswith(" ")] == ["missed:", "wrong:", "answered:", "none:"]
    assert f"  tickets/pay -> court/dates_subpoena (60% sure): {EVIL}" in told


def test_a_report_of_one_message_and_of_unlisted_ones_only(tmp_path: Path):
    for messages in (MESSAGES[:1], MESSAGES[-1:]):
        found = made(messages)
        assert lines(found)
        write(found, tmp_path)


class Outline(HTMLParser):
    """Counts the tags, and keeps every address that the page would load from."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def test_the_page_is_one_file_without_a_script(tmp_path: Path):
    as_json, as_page = write(made(), tmp_path / "deep" / "folder")
    assert json.loads(as_json.read_text(encoding="utf-8")) == made()
    outline = Outline()
    outline.feed(as_page.read_text(encoding="utf-8"))
    assert "script" not in outline.tags
    assert "b" not in outline.tags
    assert outline.loaded == ["data:,"]
    assert outline.tags.count("caption") == outline.tags.count("table") >= 6
    assert outline.tags.count("svg") == outline.tags.count("desc") == 3


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_no_script_runs(tmp_path: Path, scheme: str):
    _, as_page = write(made(), tmp_path)
    with chromium() as browser:
        page = browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})  # type: ignore[arg-type]
        page.goto(as_page.as_uri())
        assert violations(page) == []
        assert page.evaluate("window.__pwned") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator("svg[role=img]").count() == 3
