"""data/nlu/<group>.yml: read into topics, and written back byte for byte when nothing changed."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.core.topic import Topic

KEYS = (
    "topic", "title", "owner", "source", "reviewed_on", "review_days", "sensitivity", "form", "buttons", "examples",
    "answer",
)  # fmt: skip
SENSITIVITIES = ("normal", "sensitive")
# JSON leaves these raw, and YAML refuses them or reads them as line breaks.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class TopicFileProblem(Exception):
    """A topic file cannot be used; the message names the file and the topic in words an admin can act on."""


def read_topics(folder: Path) -> list[Topic]:
    """Every topic in `folder`'s *.yml, by file name and then in the file's order. Raises TopicFileProblem."""
    topics: list[Topic] = []
    for path in sorted(folder.glob("*.yml")):
        topics.extend(_read_file(path))
    if not topics:
        raise TopicFileProblem(f"There is no topic in {folder}.")
    return topics


def write_topics(topics: Iterable[Topic], folder: Path) -> None:
    """Write one file a group; a file whose text would not change is not touched."""
    groups: dict[str, list[Topic]] = {}
    for topic in topics:
        groups.setdefault(topic.group, []).append(topic)
    folder.mkdir(parents=True, exist_ok=True)
    for group, members in groups.items():
        path, text = folder / f"{group}.yml", file_text(group, members)
        if not path.is_file() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())


def file_text(group: str, topics: Sequence[Topic]) -> str:
    """The text of a group's file: every string a double-quoted JSON scalar, one example a line."""
    return f"group: {group}\ntopics:\n" + "".join(_topic_text(topic) for topic in topics)


def quoted(value: Any) -> str:
    """`value` as JSON that YAML reads alike; a text becomes a double-quoted scalar."""
    return _UNSAFE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))


def _topic_text(topic: Topic) -> str:
    lines = [
        f"  - topic: {topic.id.split('/', 1)[1]}",
        *_by_language("title", topic.title),
        f"    owner: {topic.owner}",
        f"    source: {quoted(topic.source)}",
        f"    reviewed_on: {topic.reviewed_on.isoformat()}",
        f"    review_days: {topic.review_days}",
        f"    sensitivity: {topic.sensitivity}",
        f"    form: {topic.form or 'null'}",
        f"    buttons: [{', '.join(quoted(button) for button in topic.buttons)}]",
        "    examples:",
        *(line for language, texts in topic.examples.items() for line in _examples(language, texts)),
        *_by_language("answer", topic.answer),
    ]
    return "\n".join(lines) + "\n"


def _by_language(key: str, texts: Mapping[str, str]) -> list[str]:
    return [f"    {key}:", *(f"      {language}: {quoted(text)}" for language, text in texts.items())]


def _examples(language: str, texts: Sequence[str]) -> list[str]:
    return [f"      {language}:", *(f"        - {quoted(text)}" for text in texts)]


def _read_file(path: Path) -> list[Topic]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        where = getattr(problem, "problem_mark", None)
        line = f" near line {where.line + 1}" if where else ""
        raise TopicFileProblem(f"{path.name} is not readable YAML{line}.") from problem
    if not isinstance(document, dict) or set(document) != {"group", "topics"}:
        raise TopicFileProblem(f"{path.name} must have exactly the keys group and topics.")
    if document["group"] != path.stem:
        raise TopicFileProblem(f"{path.name} says its group is {document['group']!r}; it must be {path.stem!r}.")
    return [_read_topic(path, entry) for entry in document["topics"] or []]


def _read_topic(path: Path, entry: Any) -> Topic:
    name = entry.get("topic") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.isidentifier():
        raise TopicFileProblem(f"{path.name}: a topic has no usable name (letters, digits and _): {name!r}.")
    where = f"{path.name}, topic {name}"
    if tuple(entry) != KEYS:
        raise TopicFileProblem(f"{where}: the keys must be, in this order: {', '.join(KEYS)}.")
    return Topic(
        id=f"{path.stem}/{name}",
        title=_texts(where, "title", entry["title"]),
        owner=_text(where, "owner", entry["owner"]),
        source=_text(where, "source", entry["source"]),
        reviewed_on=_date(where, entry["reviewed_on"]),
        review_days=_days(where, entry["review_days"]),
        sensitivity=_one_of(where, "sensitivity", entry["sensitivity"]),
        form=None if entry["form"] is None else _text(where, "form", entry["form"]),
        buttons=_list(where, "buttons", entry["buttons"]),
        examples=_example_lists(where, entry["examples"]),
        answer=_texts(where, "answer", entry["answer"]),
    )


def _text(where: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TopicFileProblem(f"{where}: {key} must be a text that is not empty (put it in double quotes).")
    return value


def _texts(where: str, key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise TopicFileProblem(f"{where}: {key} must have one text for each language.")
    return {str(language): _text(where, f"{key} in {language}", text) for language, text in value.items()}


def _list(where: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TopicFileProblem(f"{where}: {key} must be a list.")
    return tuple(_text(where, f"an entry of {key}", text) for text in value)


def _example_lists(where: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value:
        raise TopicFileProblem(f"{where}: examples must have one list for each language.")
    return {str(language): _list(where, f"examples in {language}", texts) for language, texts in value.items()}


def _date(where: str, value: Any) -> date:
    if not isinstance(value, date):
        raise TopicFileProblem(f"{where}: reviewed_on must be a date like 2026-11-02.")
    return value


def _days(where: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TopicFileProblem(f"{where}: review_days must be a whole number of days, 1 or more.")
    return value


def _one_of(where: str, key: str, value: Any) -> str:
    if value not in SENSITIVITIES:
        raise TopicFileProblem(f"{where}: {key} must be {' or '.join(SENSITIVITIES)}.")
    return str(value)
