"""A conversation's state: Rasa's events as dicts, and the tracker made of them. Nothing is kept between turns."""

from collections.abc import Iterable, Mapping
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.errors import StateIncompatible
from bot.engine.old_state import KINDS, State, check_state, filled_slots


def fresh_events(slots: Mapping[str, Any]) -> list[Event]:
    """The events every conversation begins with. Slots alone, without a session and a listen, make Rasa mute."""
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *(SlotSet(name, value) for name, value in slots.items()),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def open_tracker(turn_id: str, state: State, domain: Domain) -> DialogueStateTracker:
    """The tracker of a stored state, named by the turn. Raises StateIncompatible where it does not fit or parse."""
    check_state(state, domain)
    try:
        events = [KINDS[event["event"]]._from_parameters(event) for event in state]
        return DialogueStateTracker.from_events(turn_id, events, domain.slots)
    except Exception as error:  # whatever a stored state makes Rasa raise, it means the same to the desk
        raise StateIncompatible(filled_slots(state)) from error


def fresh_tracker(turn_id: str, carry: Mapping[str, Any], language: str, domain: Domain) -> DialogueStateTracker:
    """A new conversation's tracker. `carry`: slots brought along; those this release does not have are left behind."""
    known = {slot.name for slot in domain.slots}
    slots = {name: value for name, value in carry.items() if name in known and name != "requested_slot"}
    tracker = DialogueStateTracker(turn_id, domain.slots)
    for event in fresh_events({**slots, "language": language}):
        tracker.update(event, domain)
    return tracker


def events_after(tracker: DialogueStateTracker, count: int) -> list[Event]:
    """What the turn added: the tracker's events after its first `count`."""
    return list(tracker.events)[count:]


def as_state(events: Iterable[Event]) -> State:
    return [event.as_dict() for event in events]


class TurnTrackers(TrackerStore):  # type: ignore[misc]
    """The trackers of the turns now running, by turn id: handed in with the turn and handed back with it."""

    def __init__(self, domain: Domain | None = None) -> None:
        super().__init__(domain, None)
        self._open: dict[str, DialogueStateTracker] = {}

    def hand_in(self, tracker: DialogueStateTracker) -> None:
        """Raises ValueError where a turn of this id is running already."""
        if tracker.sender_id in self._open:
            raise ValueError("This turn is running already.")
        self._open[tracker.sender_id] = tracker

    def hand_back(self, turn_id: str) -> DialogueStateTracker | None:
        return self._open.pop(turn_id, None)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return self._open.get(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        self._open[tracker.sender_id] = tracker

    async def keys(self) -> list[str]:
        return list(self._open)

    async def delete(self, sender_id: str) -> None:
        self._open.pop(sender_id, None)
