"""What an action asks for. The turn that ran the action commits its effects, or drops them all."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HandoffRequested:
    """The resident is to talk with a person. `reason` is one of core.handoff.HandoffReason's values."""

    reason: str
    unit: str | None = None
    topic: str | None = None
    summary: str = ""


@dataclass(frozen=True)
class MessageLeft:
    """A message for a unit, with its reference already drawn, so that a retried turn keeps to one."""

    reference: str
    unit: str
    about: str
    contact: str
    topic: str | None = None


Effect = HandoffRequested | MessageLeft
