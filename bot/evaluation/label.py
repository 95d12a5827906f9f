"""A labelled message: what a resident wrote and what a right answer to it is. Files hold one a line, as JSON."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.refused import Refused

EXPECTED = ("answer", "form", "emergency", "handoff", "out_of_scope", "smalltalk")
TEXTS, LISTS = ("text", "lang", "topic", "expect", "provenance"), ("also", "expect_also")


@dataclass(frozen=True)
class Label:
    """`also`, `expect_also`: topics and outcomes as right as `topic` and `expect`; `provenance`: where it is from."""

    text: str
    lang: str
    topic: str
    also: tuple[str, ...]
    expect: str
    expect_also: tuple[str, ...]
    provenance: str

    @property
    def acceptable(self) -> frozenset[str]:
        return frozenset((self.topic, *self.also))

    @property
    def may_be_emergency(self) -> bool:
        """Whether taking it for an emergency is no false alarm."""
        expected = "emergency" in (self.expect, *self.expect_also)
        return expected or any(topic.startswith("emergency/") for topic in self.acceptable)


def read_labels(path: Path, *, topics: Collection[str], longest: int) -> list[Label]:
    """Every message of `path`; blank lines are skipped. `topics`: ids the release has; `longest`: characters.

    Raises Refused, in one line that names the file's line and never what stands in it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: there is no such file, or it may not be opened.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name} is not UTF-8 text.") from error
    labels = [_label(line, number, path.name, topics, longest) for number, line in enumerate(lines, 1) if line.strip()]
    if not labels:
        raise Refused(f"{path.name} holds no message.")
    return labels


def _label(line: str, number: int, name: str, topics: Collection[str], longest: int) -> Label:
    problem, fields = _parsed(line)
    problem = problem or _problem(fields, topics, longest)
    if problem:
        raise Refused(f"Line {number} of {name}: {problem}.")
    return Label(**{key: fields[key] for key in TEXTS}, **{key: tuple(fields[key]) for key in LISTS})


def _parsed(line: str) -> tuple[str | None, dict[str, Any]]:
    try:
        found = json.loads(line)
    except ValueError:
        return "it is not JSON", {}
    return (None, found) if isinstance(found, dict) else ("it is not a JSON object", {})


def _problem(fields: dict[str, Any], topics: Collection[str], longest: int) -> str | None:
    """What is wrong with a line's fields, in words; None when nothing is."""
    if missing := [key for key in (*TEXTS, *LISTS) if key not in fields]:
        return f"the field {missing[0]} is missing"
    if wrong := [key for key in TEXTS if not isinstance(fields[key], str) or not fields[key].strip()]:
        return f"the field {wrong[0]} must be a text that is not empty"
    if wrong := [key for key in LISTS if not _is_texts(fields[key])]:
        return f"the field {wrong[0]} must be a list of texts"
    if unknown := [topic for topic in (fields["topic"], *fields["also"]) if topic not in topics]:
        return f"the live release has no topic {unknown[0]}"
    if unknown := [one for one in (fields["expect"], *fields["expect_also"]) if one not in EXPECTED]:
        return f"{unknown[0]} is nothing that can be expected; that is one of {', '.join(EXPECTED)}"
    if len(fields["text"]) > longest:
        return f"its text has more than the {longest:,} characters that the desk takes"
    return None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
