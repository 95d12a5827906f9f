"""What the desk tells channels and pages."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.message import Owner, Shown


@dataclass(frozen=True)
class Received:
    """A message that is stored. `emergency` is the notice that was said because of it."""

    conversation_id: str
    message_id: str
    seq: int
    duplicate: bool = False
    emergency: Shown | None = None
    emergency_kind: str | None = None
    limited: bool = False


@dataclass(frozen=True)
class ConversationView:
    id: str
    channel: str
    language: str
    language_chosen: bool
    owner: Owner
    staff_name: str | None = None
    position: int | None = None


@dataclass(frozen=True)
class StaffView:
    """A signed-in staff member. `role` is staff or admin."""

    id: str
    name: str
    role: str = "staff"
    username: str = ""


@dataclass(frozen=True)
class WaitingView:
    """One line of the queue."""

    handoff_id: str
    conversation_id: str
    channel: str
    language: str
    status: str
    reason: str
    topic: str | None
    unit: str | None
    urgent: bool
    summary: str
    requested_at: datetime
    waited_seconds: float
    staff_id: str | None = None
    staff_name: str | None = None
    last_text_at: datetime | None = None
    topic_title: str | None = None
