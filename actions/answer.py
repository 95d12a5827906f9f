"""The approved answer of the topic that the latest message was about."""

from rasa_sdk import Tracker


def answer_of(tracker: Tracker) -> str | None:
    """The name of the topic's response (``utter_group/topic``), None where the message was about no topic."""
    selectors = tracker.latest_message.get("response_selector") or {}
    response = selectors.get("default", {}).get("response", {}).get("utter_action")
    return response if isinstance(response, str) else None


def topic_of(tracker: Tracker) -> str | None:
    """The id of the topic last answered in this conversation before the latest message; small talk does not count."""
    for event in reversed(tracker.events):
        name = (event.get("metadata") or {}).get("utter_action") or ""
        if event.get("event") == "bot" and "/" in name and not name.startswith("utter_chat/"):
            return str(name.removeprefix("utter_"))
    return None
