"""A conversation held twice: with the engine, and with stock Rasa over the same trained model."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.running import ROOT, Desk

PYTHON = ROOT / ".venv-stock" / "bin" / "python"
# What may differ: the moment, ids drawn at random, and the reference that a left message gets.
DRAWN = ("timestamp", "message_id")
REFERENCE = re.compile(r"FD-[0-9A-Z-]+[0-9A-Z]")


class StockRasa:
    """The process of stock_rasa.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.python = self._read()["ready"]

    @classmethod
    @contextmanager
    def started(cls, model: Path, log: Path) -> Iterator["StockRasa"]:
        command = [str(PYTHON), "-m", "tests.stock.stock_rasa", str(model)]
        with (
            log.open("w") as errors,
            subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            ) as process,
        ):
            try:
                yield cls(process)
            finally:
                process.kill()

    def ask(self, **asked: Any) -> dict[str, Any]:
        """The answer to one line; blocks."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "stock Rasa ended; its log is beside the release"
        return dict(json.loads(line))


@dataclass(frozen=True)
class Came:
    """What came of one message on one side, comparable."""

    replies: list[str]
    events: list[dict[str, Any]]
    slots: dict[str, Any]
    effects: list[str]


def ours(desk: Desk, answer: dict[str, Any]) -> Came:
    """The engine's side: the events from the message on, and the slots that all events so far amount to."""
    events = answer["events"][_at_message(answer["events"]) :]
    slots = {event["name"]: event["value"] for event in desk.state if event["event"] == "slot"}
    # Rasa's collecting channel cuts a text at its blank lines; the desk's channels send it whole.
    replies = [part for reply in answer["replies"] for part in reply["text"].strip().split("\n\n")]
    return _came(replies, events, slots, desk.effects)


def theirs(answer: dict[str, Any], effects: list[Any]) -> Came:
    return _came([reply["text"] for reply in answer["replies"]], answer["events"], answer["slots"], effects)


def before_message(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What the engine itself added ahead of the message: a fresh session and slots. Rasa has no part in these."""
    return list(answer["events"][: _at_message(answer["events"])])


def message_of(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(answer["events"][_at_message(answer["events"])])


def _at_message(events: list[dict[str, Any]]) -> int:
    return next(number for number, event in enumerate(events) if event["event"] == "user")


def _came(replies: list[str], events: list[dict[str, Any]], slots: dict[str, Any], effects: list[Any]) -> Came:
    filled = {name: value for name, value in slots.items() if value is not None and value is not False}
    return Came(
        [_same(reply) for reply in replies],
        [_same(event) for event in events],
        {name: _same(value) for name, value in filled.items() if name != "session_started_metadata"},
        [REFERENCE.sub("FD", str(effect)) for effect in effects],
    )


def _same(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _same(inner) for key, inner in value.items() if key not in DRAWN}
    if isinstance(value, list):
        return [_same(inner) for inner in value]
    return REFERENCE.sub("FD", value) if isinstance(value, str) else value
