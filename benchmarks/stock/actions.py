"""The stock baseline's action server: the same short form with the same checks, written as Rasa's docs have it.

Runs on Python 3.10 beside ``rasa run``: ``python -m rasa_sdk --actions benchmarks.stock.actions``.
"""

from rasa_sdk import Action, FormValidationAction
from rasa_sdk.events import SlotSet

from bot.core.contact import Contact, about_problem, read_contact


class ValidateLeaveMessage(FormValidationAction):
    def name(self):
        return "validate_leave_message_form"

    def validate_message_about(self, value, dispatcher, tracker, domain):
        return {"message_about": None if about_problem(str(value)) else value}

    def validate_message_contact(self, value, dispatcher, tracker, domain):
        found = read_contact(str(value))
        return {"message_contact": found.value if isinstance(found, Contact) else None}


class SubmitMessage(Action):
    def name(self):
        return "action_submit_message"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(response="utter_message_left")
        return [SlotSet("message_about", None), SlotSet("message_contact", None)]
