"""A person is asked for in words the desk's command list does not know."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answer_of, topic_of
from actions.leave_message import FORM, cleared
from bot.core.effects import HandoffRequested
from bot.core.handoff import HandoffReason
from bot.core.text import one_line
from bot.desk.effects import OpenTurns

SUMMARY_LENGTH = 300  # characters; the queue shows two lines


class RequestHandoff(Action):  # type: ignore[misc]
    """Asks for the handoff with what is known so far, and leaves an open form: staff read what it holds."""

    def __init__(self, turns: OpenTurns) -> None:
        self.turns = turns

    def name(self) -> str:
        return "action_request_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        self.turns.add(
            tracker.sender_id,
            HandoffRequested(
                reason=HandoffReason.ASKED.value,
                unit=tracker.get_slot("message_unit"),
                topic=tracker.get_slot("message_topic") or topic_of(tracker),
                summary=_summary(tracker),
            ),
        )
        dispatcher.utter_message(response=answer_of(tracker) or "utter_handoff_requested")
        in_form = (tracker.active_loop or {}).get("name") == FORM
        return [ActiveLoop(None), SlotSet("requested_slot", None), *cleared()] if in_form else []


def _summary(tracker: Tracker) -> str:
    """What the resident wrote last, and the form so far."""
    parts = [tracker.latest_message.get("text"), tracker.get_slot("message_about"), tracker.get_slot("message_contact")]
    return one_line(" / ".join(part for part in parts if part), SUMMARY_LENGTH)
