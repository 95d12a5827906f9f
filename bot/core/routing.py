"""Where a message goes: to staff, to the desk's own commands, to the engine, or nowhere."""

from dataclasses import dataclass
from enum import Enum

from bot.core.commands import Command
from bot.core.message import Kind, Owner


class Route(str, Enum):
    STAFF = "staff"
    COMMAND = "command"
    ENGINE = "engine"
    NONE = "none"
    """Nothing more to do: the emergency notice has been said, or nothing needs an answer."""
    EMPTY = "empty"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Arrived:
    """What routing needs to know of a message."""

    kind: Kind
    is_empty: bool
    command: Command | None
    emergency_is_certain: bool


# A resident may always leave the queue, choose a language or ask for their data, whoever owns the conversation.
WHILE_STAFF_OWN = {"assistant", "stop", "language", "mydata", "delete_data", "confirm_delete", "keep_data"}


def route(message: Arrived, owner: Owner) -> Route:
    """Decide where `message` goes. A command wins over staff only where it is the resident's own affair."""
    if message.kind is Kind.IGNORED or message.kind is Kind.EDIT:
        return Route.NONE
    if message.command and (owner is Owner.ASSISTANT or message.command.name in WHILE_STAFF_OWN):
        return Route.COMMAND
    if owner is not Owner.ASSISTANT:
        return Route.STAFF
    if message.emergency_is_certain:
        return Route.NONE
    if message.kind is Kind.UNSUPPORTED:
        return Route.UNSUPPORTED
    return Route.EMPTY if message.is_empty and message.kind is Kind.TEXT else Route.ENGINE
