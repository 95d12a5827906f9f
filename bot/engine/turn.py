"""One turn: (state, message) -> (replies, new events). The only memory is what comes in and goes out."""

from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.core.follow_up import Before
from bot.core.outcome import Outcome
from bot.engine.context import before_now, in_conversation
from bot.engine.errors import BadRequest, TurnFailed
from bot.engine.processor import TurnProcessor
from bot.engine.release import Release
from bot.engine.replies import Reply, replies_of
from bot.engine.request import ParseRequest, TurnRequest
from bot.engine.state import as_state, events_after, fresh_tracker, open_tracker
from bot.engine.understanding import Meaning, inside_form, of_parse, of_topic, of_value, without_form


class Engine:
    """A loaded release. Any engine of the same release can take any turn."""

    def __init__(self, release: Release, processor: TurnProcessor) -> None:
        self.release, self.processor = release, processor

    async def turn(self, request: TurnRequest) -> dict[str, Any]:
        """The response of the turn contract. Raises BadRequest, StateIncompatible, TurnFailed."""
        tracker = self._tracker(request)
        known = len(tracker.events) if request.state else 0
        meaning = self._understand(request, tracker)
        self._prepare(tracker, meaning)
        await self._run_rasa(request.turn_id, tracker, meaning)
        added = events_after(tracker, known)
        replies = replies_of(added, meaning, self.release)
        if not replies:
            raise TurnFailed("the turn has no reply")
        return self._response(tracker, meaning, replies) | {
            "events": as_state(added),
            "started_fresh": not request.state,
        }

    def parse(self, request: ParseRequest) -> dict[str, Any]:
        """What a text alone means, as the first message of a conversation."""
        meaning, parsed = self._read(request.text, request.language, request.language_chosen)
        return _described(in_conversation(meaning, parsed, Before(), self.release))

    def warm_up(self) -> None:
        """Loads what a first message would otherwise wait for."""
        self._read("how do i get a copy of a report", "en", False)
        self._read("cómo obtengo una copia de un reporte", "es", False)

    def _tracker(self, request: TurnRequest) -> DialogueStateTracker:
        domain = self.processor.domain
        if request.state:
            return open_tracker(request.turn_id, request.state, domain)
        return fresh_tracker(request.turn_id, request.carry, self.release.language(request.language), domain)

    def _read(self, text: str, language: str | None, is_chosen: bool) -> tuple[Meaning, dict[str, Any]]:
        """What `text` means alone, and all that the classifier says of it."""
        given = self.release.language(language)
        parsed = self.processor.classify(text, language=given, language_chosen=is_chosen)
        return of_parse(parsed, text, self.release, fallback_language=given), parsed

    def _understand(self, request: TurnRequest, tracker: DialogueStateTracker) -> Meaning:
        language = self.release.language(request.language)
        in_form = tracker.active_loop_name is not None
        slot = tracker.get_slot("requested_slot") if in_form else None
        if request.value is not None:
            return of_value(request.value, slot, language=language)
        if request.topic is not None:
            meaning = of_topic(request.topic, self.release, language=language)
            return without_form(meaning) if in_form else meaning
        meaning, parsed = self._read(request.text or "", language, request.language_chosen)
        if in_form:
            return inside_form(meaning, slot, language=language)
        return in_conversation(meaning, parsed, before_now(tracker), self.release)

    def _prepare(self, tracker: DialogueStateTracker, meaning: Meaning) -> None:
        """Slots that rules, responses and actions read. Only changes become events."""
        slots: dict[str, Any] = {"language": meaning.language}
        if meaning.intent == "no_answer":
            last = tracker.get_last_event_for(UserUttered)
            slots["missed_before"] = bool(last and last.intent_name == "no_answer")
        if meaning.topic and meaning.outcome is Outcome.FORM:
            slots |= {"message_topic": meaning.topic, "message_unit": self.release.owner(meaning.topic)}
        for name, value in slots.items():
            if tracker.get_slot(name) != value:
                tracker.update(SlotSet(name, value), self.processor.domain)

    async def _run_rasa(self, turn_id: str, tracker: DialogueStateTracker, meaning: Meaning) -> None:
        """Rasa itself never parses the text: a slash is text."""
        message = UserMessage(meaning.text, CollectingOutputChannel(), turn_id, parse_data=meaning.parse_data())
        try:
            self.processor.trackers.hand_in(tracker)
        except ValueError:
            raise BadRequest("turn_id") from None
        try:
            await self.processor.handle_message(message)
        finally:
            self.processor.trackers.hand_back(turn_id)

    def _response(self, tracker: DialogueStateTracker, meaning: Meaning, replies: list[Reply]) -> dict[str, Any]:
        return _described(meaning) | {
            "replies": replies,
            "form": tracker.active_loop_name,
            "requested_slot": tracker.get_slot("requested_slot"),
            "slots": _form_slots(tracker, self.processor.domain),
        }


def _described(meaning: Meaning) -> dict[str, Any]:
    return {
        "language": meaning.language,
        "outcome": meaning.outcome.value,
        "topic": meaning.topic,
        "confidence": round(meaning.confidence, 4),
        "choices": [{"topic": topic, "p": round(p, 4)} for topic, p in meaning.choices],
        "notice": meaning.notice,
        "assumed": meaning.assumed.topic if meaning.assumed else None,
        "also_topic": None if meaning.assumed else meaning.other,
    }


def _form_slots(tracker: DialogueStateTracker, domain: Any) -> dict[str, Any]:
    """The filled slots of all forms."""
    names = {slot for form in domain.form_names for slot in domain.required_slots_for_form(form)}
    values = {name: tracker.get_slot(name) for name in sorted(names)}
    return {name: value for name, value in values.items() if value is not None}
