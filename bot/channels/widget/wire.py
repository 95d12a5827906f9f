"""The widget's JSON, read strictly: what is not exactly a message is refused before it reaches the desk."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from bot.core.commands import NAMES
from bot.core.text import clean

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BUTTON = re.compile(r"[A-Za-z0-9_-]{22}")
START = re.compile(r"[0-9a-f]{64}")
MOST_SEQ = 2**31 - 1
WAYS = ("text", "button", "command")


class NotAccepted(Exception):
    """A request the widget's routes do not take. `code` names the text that says so (``widget_error_<code>``)."""

    def __init__(self, status: int, code: str, *, retry_after: int = 0) -> None:
        super().__init__(code)
        self.status, self.code, self.retry_after = status, code, retry_after


@dataclass(frozen=True)
class Posted:
    """The body of POST /api/v1/messages: exactly one of text, button and command is set.

    `start`: 256 random bits (hexadecimal) with which a first message may be sent twice and begin one conversation.
    """

    client_id: str
    text: str | None = None
    button: str | None = None
    command: str | None = None
    language: str | None = None
    start: str | None = None


@dataclass(frozen=True)
class Hello:
    """The first frame of a live connection."""

    token: str
    after: int


def document(body: bytes) -> dict[str, Any]:
    """`body` as a JSON object. Raises NotAccepted(400) for anything else, also for a name given twice and for NaN."""
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotAccepted(400, "bad_request") from None
    if not isinstance(found, dict):
        raise NotAccepted(400, "bad_request")
    return found


def posted(body: bytes) -> Posted:
    """The message in `body`. Names that are not ours are dropped unread. Raises NotAccepted(400)."""
    given = document(body)
    ways = [way for way in WAYS if way in given]
    if len(ways) != 1 or not isinstance(given[ways[0]], str):
        raise NotAccepted(400, "bad_request")
    way, value = ways[0], given[ways[0]]
    return Posted(
        client_id=_matching(given.get("client_id"), UUID),
        language=language(given),
        **{way: _way(way, value)},
        start=_matching(given["start"], START) if given.get("start") is not None else None,
    )


def hello(frame: str) -> Hello:
    """The token and the last sequence number shown. Raises NotAccepted(400)."""
    given = document(frame.encode("utf-8", "replace"))
    token, after = given.get("token"), given.get("after", 0)
    if not isinstance(token, str) or type(after) is not int or not 0 <= after <= MOST_SEQ:
        raise NotAccepted(400, "bad_request")
    return Hello(token, after)


def language(given: dict[str, Any]) -> str | None:
    """A language code that may be anything; what the department does not speak becomes its default language later."""
    found = given.get("language")
    return found[:8] if isinstance(found, str) else None


def sequence_number(value: str | None) -> int:
    """`value` of a query's ``after``. Raises NotAccepted(400)."""
    if value is None:
        return 0
    if not re.fullmatch(r"[0-9]{1,10}", value, re.ASCII) or int(value) > MOST_SEQ:
        raise NotAccepted(400, "bad_request")
    return int(value)


def _way(way: str, value: str) -> str:
    if way == "text":
        return clean(value)
    if way == "command" and value not in NAMES:
        raise NotAccepted(400, "bad_request")
    return _matching(value, BUTTON) if way == "button" else value


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NotAccepted(400, "bad_request")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
