"""Whether a conversation's state fits this release. A release may drop a form, a slot or a group of topics that a
conversation is in the middle of; Rasa would go on with it and fail in ways nobody can explain to a resident."""

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from bot.engine.errors import StateIncompatible

_OURS = frozenset({"language", "missed_before", "requested_slot", "session_started_metadata"})
KINDS: dict[str, Any] = {kind.type_name: kind for kind in reversed(all_subclasses(Event))}
"""Rasa's classes of events by their names in a state. Rasa itself looks through all of them for every event it reads,
which was half of the time that a conversation's 61st turn took. Of two with one name the first counts, as for Rasa."""

State = list[dict[str, Any]]


def check_state(state: State, domain: Domain) -> None:
    """Raises StateIncompatible with the filled answers where `state` (event dicts, oldest first) does not fit."""
    try:
        fits = all(_event_fits(event, domain) for event in state) and _loop_fits(state, domain)
    except (TypeError, AttributeError, KeyError):
        fits = False
    if not fits:
        raise StateIncompatible(filled_slots(state))


def filled_slots(state: State) -> dict[str, Any]:
    """The last value of every slot a resident filled, whatever release asked for it. Never raises."""
    filled: dict[str, Any] = {}
    for event in state:
        if isinstance(event, dict) and event.get("event") == "slot" and isinstance(event.get("name"), str):
            filled[event["name"]] = event.get("value")
    return {name: value for name, value in filled.items() if value is not None and name not in _OURS}


def _event_fits(event: dict[str, Any], domain: Domain) -> bool:
    kind = event.get("event")
    if kind == "slot":
        return event["name"] in _slot_names(domain) or event.get("value") is None
    if kind == "action":
        return event.get("name") is None or event["name"] in domain.action_names_or_texts
    return kind in KINDS


def _loop_fits(state: State, domain: Domain) -> bool:
    """The open form exists, and the slot it asks for is one of its own."""
    loops = [event.get("name") for event in state if event.get("event") == "active_loop"]
    form = loops[-1] if loops else None
    if form is None:
        return True
    requests = [event for event in state if event.get("event") == "slot" and event["name"] == "requested_slot"]
    asked = requests[-1].get("value") if requests else None
    return form in domain.form_names and asked in [None, *domain.required_slots_for_form(form)]


def _slot_names(domain: Domain) -> frozenset[str]:
    return frozenset(slot.name for slot in domain.slots)
