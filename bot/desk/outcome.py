"""What a turn decided, before it is committed: replies, effects, the dialogue's new state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.effects import Effect
from bot.core.message import Reply


@dataclass(frozen=True)
class TurnRecord:
    """The turn's own row: what the engine said happened."""

    events: list[dict[str, Any]]
    started_fresh: bool
    outcome: str
    topic: str | None = None
    confidence: float | None = None
    release: str | None = None
    engine_ms: float | None = None
    form: str | None = None
    choices: Sequence[str] = ()
    notice: bool = False


@dataclass(frozen=True)
class Outcome:
    """`state` is the message's new state. `needs_assistant`: void when a person took the conversation meanwhile."""

    state: str = "answered"
    replies: Sequence[Reply] = ()
    effects: Sequence[Effect] = ()
    record: TurnRecord | None = None
    language: str | None = None
    language_chosen: bool | None = None
    fresh: bool = False
    """Drop the dialogue's state and any form."""
    draft: dict[str, Any] | None = None
    purge: bool = False
    cancel_handoff: bool = False
    needs_assistant: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
