"""A turn as the desk asks for it, read from JSON and checked before Rasa sees any of it."""

from dataclasses import dataclass
from typing import Any

from bot.engine.errors import BadRequest

LONGEST_TEXT = 8_000  # characters; the channels accept 4,096
LARGEST_STATE = 5_000  # events; the desk starts afresh after 60 turns, some 300 events


@dataclass(frozen=True)
class TurnRequest:
    """Exactly one of `text`, `topic` and `value` is set. `state`: event dicts, empty for a fresh conversation."""

    turn_id: str
    state: list[dict[str, Any]]
    carry: dict[str, Any]
    language: str | None
    language_chosen: bool
    text: str | None = None
    topic: str | None = None
    value: str | None = None

    @classmethod
    def read(cls, body: Any, release_id: str) -> "TurnRequest":
        """Raises BadRequest naming the field."""
        body = _object(body, "body")
        if body.get("release") not in (None, release_id):
            raise BadRequest("release")
        message = _object(body.get("message"), "message")
        kinds = [kind for kind in ("text", "topic", "value") if message.get(kind) is not None]
        if len(kinds) != 1:
            raise BadRequest("message")
        return cls(
            turn_id=_text(body.get("turn_id"), "turn_id", 200),
            state=_state(body.get("state", [])),
            carry=_object(body.get("carry", {}), "carry"),
            language=_language(body.get("language")),
            language_chosen=body.get("language_chosen") is True,
            **{kinds[0]: _text(message[kinds[0]], kinds[0], LONGEST_TEXT)},
        )


@dataclass(frozen=True)
class ParseRequest:
    text: str
    language: str | None
    language_chosen: bool

    @classmethod
    def read(cls, body: Any) -> "ParseRequest":
        """Raises BadRequest naming the field."""
        body = _object(body, "body")
        language = _language(body.get("language"))
        return cls(_text(body.get("text"), "text", LONGEST_TEXT), language, body.get("language_chosen") is True)


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequest(name)
    return value


def _state(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > LARGEST_STATE or not all(isinstance(e, dict) for e in value):
        raise BadRequest("state")
    return value


def _language(value: Any) -> str | None:
    return None if value is None else _text(value, "language", 20)


def _text(value: Any, name: str, longest: int) -> str:
    """A text that can be stored and printed: not blank, no NUL, no lone surrogate."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest or "\0" in value:
        raise BadRequest(name)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRequest(name) from None
    return value
