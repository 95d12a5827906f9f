"""What a message means in its conversation: the classifier's reading, a pressed button, or an answer to a form."""

from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.decision import group_of
from bot.core.follow_up import Assumed
from bot.core.interruption import interrupts
from bot.core.outcome import Outcome, outcome_of
from bot.engine.release import Release

FORM_VALUE = "form_value"
STALE_BUTTON = "stale_button"
ASKED_ON, ALSO = "asked_on", "also"


@dataclass(frozen=True)
class Meaning:
    """`text` is what the tracker keeps as said; `intent` is what Rasa's rules see; `choices` are (topic, p),
    offered instead of an answer or beside a redirection.

    `assumed`: the message asked on about an earlier topic. `other`: the topic offered beside the answer.
    """

    text: str
    intent: str
    outcome: Outcome
    language: str
    topic: str | None = None
    confidence: float = 1.0
    choices: tuple[tuple[str, float], ...] = field(default=())
    notice: bool = False
    assumed: Assumed | None = None
    other: str | None = None

    def parse_data(self) -> dict[str, Any]:
        """The message as Rasa's tracker keeps it: small, and with the response that says the topic's answer."""
        ranking = [{"name": topic, "confidence": p} for topic, p in self.choices if not self.topic]
        data: dict[str, Any] = {
            "text": self.text,
            "intent": {"name": self.intent, "confidence": self.confidence},
            "entities": [],
            "intent_ranking": ranking or [{"name": self.topic or self.intent, "confidence": self.confidence}],
        }
        if self.topic:
            response = {
                "utter_action": f"utter_{self.topic}",
                "intent_response_key": self.topic,
                "confidence": self.confidence,
            }
            data["response_selector"] = {"default": {"response": response}}
        if self.assumed:
            asked_on = {"topic": self.assumed.topic, "kinds": list(self.assumed.kinds), ALSO: self.assumed.pending}
            data[ASKED_ON] = asked_on
        elif self.other:
            data[ALSO] = self.other
        return data


def of_parse(parsed: dict[str, Any], text: str, release: Release, *, fallback_language: str) -> Meaning:
    """The classifier's reading of `text`. A topic that this release does not have is no answer."""
    decided = parsed.get("frontdesk") or {}
    language = parsed.get("language")
    meaning = Meaning(
        text=text,
        intent="no_answer",
        outcome=Outcome.NO_ANSWER,
        language=language if language in release.languages else release.language(fallback_language),
        confidence=float(decided.get("confidence") or 0.0),
        notice=bool(decided.get("notice")),
    )
    choices = tuple((c["topic"], float(c["p"])) for c in decided.get("choices") or () if c["topic"] in release.topics)
    if decided.get("outcome") == "choices" and choices:
        return replace(meaning, intent="choices", outcome=Outcome.CHOICES, choices=choices)
    topic = decided.get("topic")
    if topic in release.topics:
        return about(topic, replace(meaning, choices=choices), release)
    return meaning


def of_topic(topic: str, release: Release, *, language: str) -> Meaning:
    """A pressed button that names a topic: as if classified with certainty."""
    if topic not in release.topics:
        return Meaning(topic, "no_answer", Outcome.NO_ANSWER, language, confidence=0.0)
    return about(topic, Meaning(release.title(topic, language), "", Outcome.ANSWER, language), release)


def of_value(value: str, requested_slot: str | None, *, language: str) -> Meaning:
    """A pressed form button. ``slot:value`` answers that slot only; pressed too late it changes nothing."""
    slot, separator, said = value.partition(":")
    meant_for = slot if separator else requested_slot
    fits = requested_slot is not None and meant_for == requested_slot
    intent = FORM_VALUE if fits else STALE_BUTTON
    return Meaning(said if separator else value, intent, Outcome.FORM if fits else Outcome.ANSWER, language)


def about(topic: str, meaning: Meaning, release: Release) -> Meaning:
    """`meaning` as being about `topic`: its group's rule answers, or its form's, or the handoff's."""
    form = release.form(topic)
    outcome = outcome_of(topic, form=form)
    intent = {Outcome.FORM: f"start_{form}", Outcome.HANDOFF: "handoff"}.get(outcome, group_of(topic))
    return replace(meaning, topic=topic, outcome=outcome, intent=intent)


def inside_form(meaning: Meaning, requested_slot: str | None, *, language: str) -> Meaning:
    """A typed message while a form is open: an answer to its question, unless it clearly asks something else.

    An answer keeps the conversation's language: names and addresses say nothing about what a resident speaks.
    """
    if interrupts(meaning.text, requested_slot, topic=meaning.topic, confidence=meaning.confidence):
        return without_form(meaning)
    return replace(
        meaning, intent=FORM_VALUE, outcome=Outcome.FORM, topic=None, choices=(), confidence=1.0, language=language
    )


def without_form(meaning: Meaning) -> Meaning:
    """A topic's answer alone: inside one form no other is opened, so that nothing typed so far is lost."""
    if meaning.topic is None or meaning.outcome is not Outcome.FORM:
        return meaning
    return replace(meaning, intent=group_of(meaning.topic), outcome=outcome_of(meaning.topic))
