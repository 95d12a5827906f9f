"""The form leave_message_form: what about, how to reach you, check, leave it for the unit."""

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answer_of
from bot.core.confirm import Confirm, read_confirm
from bot.core.contact import THIS_CHAT, Contact, about_problem, read_contact
from bot.core.effects import MessageLeft
from bot.core.text import one_line
from bot.desk.effects import OpenTurns

FORM = "leave_message_form"
SLOTS = ("message_about", "message_contact", "message_confirm", "message_topic", "message_unit")
DEFAULT_UNIT = "front_counter"
SHOWN_LENGTH = 300  # characters of the resident's own words read back to them

Slots = dict[str, Any]


def cleared() -> list[EventType]:
    """The events that forget the form's answers."""
    return [SlotSet(slot, None) for slot in SLOTS]


def shown(text: str) -> str:
    """A resident's words as they are read back: short, and never taken for one of our [[placeholders]]."""
    return one_line(text, SHOWN_LENGTH).replace("[[", "[ [").replace("]]", "] ]")


class OpenMessage(Action):  # type: ignore[misc]
    """Says the topic's answer; the form's first question follows."""

    def name(self) -> str:
        return "action_open_message"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        response = answer_of(tracker)
        if response:
            dispatcher.utter_message(response=response)
        return []


class ValidateLeaveMessage(FormValidationAction):  # type: ignore[misc]
    """Checks each answer as it comes. A slot set to None is asked for again, after the reason was said."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def validate_message_about(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Slots:
        problem = about_problem(str(value))
        if problem:
            dispatcher.utter_message(response=f"utter_message_about_{problem}")
        return {"message_about": None if problem else value}

    def validate_message_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Slots:
        found = read_contact(str(value))
        if isinstance(found, Contact):
            return {"message_contact": found.value}
        dispatcher.utter_message(response=f"utter_contact_{found.value}")
        return {"message_contact": None}

    def validate_message_confirm(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Slots:
        answer = read_confirm(str(value))
        if answer is None:
            dispatcher.utter_message(response="utter_message_confirm_unclear")
            return {"message_confirm": None}
        if answer is Confirm.CHANGE:
            dispatcher.utter_message(response="utter_message_change")
            return {"message_confirm": None, "message_about": None, "message_contact": None}
        return {"message_confirm": answer.value}


class AskMessageConfirm(Action):  # type: ignore[misc]
    """Reads the message back before it is left."""

    def name(self) -> str:
        return "action_ask_message_confirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        contact = tracker.get_slot("message_contact") or ""
        dispatcher.utter_message(
            response="utter_ask_message_confirm" + ("_this_chat" if contact == THIS_CHAT else ""),
            about=shown(tracker.get_slot("message_about") or ""),
            contact=shown(contact),
        )
        return []


class SubmitMessage(Action):  # type: ignore[misc]
    """Checks everything once more, because a slot may have been filled while its check could not be reached."""

    def __init__(self, turns: OpenTurns, draw: Callable[[], str]) -> None:
        self.turns, self.draw = turns, draw

    def name(self) -> str:
        return "action_submit_message"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        answer = read_confirm(str(tracker.get_slot("message_confirm")))
        message = self._message(tracker) if answer is Confirm.YES else None
        if message:
            self.turns.add(tracker.sender_id, message)
            dispatcher.utter_message(response="utter_message_left", reference=message.reference)
        else:
            dropped = answer is Confirm.NO
            dispatcher.utter_message(response="utter_message_dropped" if dropped else "utter_message_not_left")
        return cleared()

    def _message(self, tracker: Tracker) -> MessageLeft | None:
        about, typed = tracker.get_slot("message_about"), tracker.get_slot("message_contact")
        contact = read_contact(typed) if isinstance(typed, str) else None
        if not isinstance(contact, Contact) or not isinstance(about, str) or about_problem(about):
            return None
        unit = tracker.get_slot("message_unit") or DEFAULT_UNIT
        return MessageLeft(self.draw(), unit, about, contact.value, tracker.get_slot("message_topic"))
