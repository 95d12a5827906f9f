"""Messages as the desk sees them, whatever the channel: what came in, what goes out, how delivery went."""

from dataclasses import dataclass, field
from enum import Enum


class Kind(str, Enum):
    """What a resident did. Everything but TEXT, BUTTON and COMMAND is stored and answered without the engine."""

    TEXT = "text"
    BUTTON = "button"
    COMMAND = "command"
    EDIT = "edit"
    UNSUPPORTED = "unsupported"
    IGNORED = "ignored"


class Author(str, Enum):
    RESIDENT = "resident"
    ASSISTANT = "assistant"
    STAFF = "staff"
    NOTICE = "notice"


class Owner(str, Enum):
    """Who answers the conversation. WAITING: a person was asked for and none has claimed it yet."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    STAFF = "staff"


@dataclass(frozen=True)
class IncomingMessage:
    """One utterance as a channel hands it over, authenticated and within the wire's own limits.

    `chat_key` finds the conversation and cannot be turned back into the person (a hash); `chat_ref` is what the
    channel needs to write back (stored encrypted, None where the resident fetches). `external_id` is namespaced by
    the channel and makes a redelivery a no-op. `sequence` is the channel's own order, None for order of arrival;
    `held` seconds pass before it may be answered, so that an earlier one still on its way is answered first.
    `button` is the opaque id of a pressed button, `command` a command's name (core.commands), `unsupported` what kind
    of thing the channel could not take ("photo", "voice", ...).
    """

    channel: str
    chat_key: str
    external_id: str
    kind: Kind = Kind.TEXT
    text: str = ""
    button: str | None = None
    command: str | None = None
    argument: str = ""
    unsupported: str | None = None
    sequence: int | None = None
    held: float = 0.0
    chat_ref: str | None = None
    language_hint: str | None = None


@dataclass(frozen=True)
class Button:
    """What a resident may press. In a reply it names one of topic, value or command; stored, it has an opaque id."""

    title: str
    topic: str | None = None
    value: str | None = None
    command: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Reply:
    """A text to be said, before it is stored: placeholders filled, in the conversation's language."""

    text: str
    buttons: tuple[Button, ...] = ()
    author: Author = Author.ASSISTANT
    staff_id: str | None = None
    staff_name: str | None = None
    divider: bool = False
    """True where the speaker changes: channels draw a line above it."""


@dataclass(frozen=True)
class OutgoingMessage:
    """A stored reply on its way out. `chat_ref` is decrypted; `buttons` carry their opaque ids."""

    message_id: str
    conversation_id: str
    chat_ref: str
    text: str
    author: Author
    staff_name: str | None = None
    buttons: tuple[Button, ...] = ()
    language: str = "en"
    divider: bool = False


class DeliveryState(str, Enum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Delivery:
    """How a send went. WAITING with `retry_after` seconds: not sent, try later. UNKNOWN: perhaps sent, not repeated."""

    state: DeliveryState
    provider_id: str | None = None
    retry_after: float = 0.0
    error: str | None = None
    blocked: bool = False


@dataclass(frozen=True)
class Shown:
    """A message as a resident's or a staff member's screen shows it. `seq` orders the conversation and only grows."""

    id: str
    seq: int
    author: Author
    text: str
    at: str
    staff_name: str | None = None
    buttons: tuple[Button, ...] = field(default=())
    divider: bool = False
    client_id: str | None = None
    emergency: str | None = None
    delivery: str | None = None
