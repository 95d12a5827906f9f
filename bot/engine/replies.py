"""What the assistant said in a turn, as the desk gets it: texts with their topic and buttons."""

from collections.abc import Iterable
from typing import Any

from rasa.shared.core.events import BotUttered, Event

from bot.engine.release import Release
from bot.engine.understanding import Meaning

Reply = dict[str, Any]
BUTTON_KINDS = ("value", "command", "topic")


def replies_of(events: Iterable[Event], meaning: Meaning, release: Release) -> list[Reply]:
    """One reply per text Rasa uttered, in order."""
    return [_reply(event, meaning, release) for event in events if isinstance(event, BotUttered) and event.text]


def _reply(event: BotUttered, meaning: Meaning, release: Release) -> Reply:
    said = (event.metadata or {}).get("utter_action") or ""
    topic = said.removeprefix("utter_") if "/" in said else None
    buttons = [_domain_button(button) for button in (event.data or {}).get("buttons") or []]
    if said == "utter_choices":
        buttons = _topic_buttons([choice for choice, _ in meaning.choices], meaning.language, release) + buttons
    elif said == "utter_asked_again" and meaning.other:
        buttons = _topic_buttons([meaning.other], meaning.language, release) + buttons
    elif topic in release.topics:
        buttons = _topic_buttons(_next_steps(topic, meaning, release), meaning.language, release) + buttons
    return {"text": event.text, "topic": topic, "buttons": buttons}


def _next_steps(topic: str, meaning: Meaning, release: Release) -> list[str]:
    """The topic's own, behind the other topics that this message may be about."""
    others = [meaning.other] if meaning.other else [choice for choice, _ in meaning.choices]
    return list(dict.fromkeys([*(others if topic == meaning.topic else []), *release.button_topics(topic)]))


def _topic_buttons(topics: Iterable[str], language: str, release: Release) -> list[dict[str, str]]:
    return [{"title": release.title(topic, language), "topic": topic} for topic in topics]


def _domain_button(button: dict[str, str]) -> dict[str, str]:
    """``{title, payload: "value:slot:yes"}`` of domain.yml as ``{title, value: "slot:yes"}``."""
    kind, _, rest = button["payload"].partition(":")
    if kind not in BUTTON_KINDS or not rest:
        raise ValueError("domain.yml has a button that is neither value, command nor topic")
    return {"title": button["title"], kind: rest}
