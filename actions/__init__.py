"""rasa-sdk actions, one file per subject: thin shells that read, ask bot.core, ask for an effect, and say."""

from collections.abc import Callable

from rasa_sdk import Action

from actions.handoff import RequestHandoff
from actions.leave_message import AskMessageConfirm, OpenMessage, SubmitMessage, ValidateLeaveMessage
from bot.core import reference
from bot.desk.effects import OpenTurns


def all_actions(turns: OpenTurns, *, draw: Callable[[], str] = reference.draw) -> list[Action]:
    """Every action of domain.yml, asking for effects in `turns`. `draw` makes a new reference."""
    return [
        OpenMessage(),
        ValidateLeaveMessage(),
        AskMessageConfirm(),
        SubmitMessage(turns, draw),
        RequestHandoff(turns),
    ]
