"""What a typed message means in its conversation: asked on about the topic before, or two matters in one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.core.decision import REDIRECT_GROUPS, Scored, group_of
from bot.core.follow_up import Answered, Assumed, FollowUp, assume
from bot.core.matters import best_other
from bot.core.outcome import Outcome
from bot.engine.release import Release
from bot.engine.understanding import ASKED_ON, Meaning, about, without_form

ASKED_AGAIN = "asked_again"
_SMALL_TALK = "chat"


def in_conversation(
    meaning: Meaning, parsed: Mapping[str, Any], answered: Answered | None, release: Release
) -> Meaning:
    """`meaning`, the reading of a message alone, in its conversation. `parsed`: what the classifier set on it."""
    assumed = assume(_follow_up(parsed), answered, outcome=meaning.outcome, confidence=meaning.confidence)
    if assumed and assumed.topic in release.topics:
        return _asking_on(meaning, assumed, parsed, release)
    return _with_second_matter(meaning, parsed, release)


def last_answered(tracker: DialogueStateTracker) -> Answered | None:
    """The topic of the last answer, small talk aside; None after choices, a form, a handoff, a redirect or nothing."""
    said = (event for event in reversed(tracker.events) if isinstance(event, UserUttered))
    last = next((event for event in said if event.intent_name != _SMALL_TALK), None)
    if last is None:
        return None
    if asked_on := last.parse_data.get(ASKED_ON):
        return Answered(asked_on["topic"], tuple(asked_on["kinds"]))
    topic = _topic_of(last.parse_data)
    is_answer = topic is not None and last.intent_name == group_of(topic)
    return Answered(topic) if topic and is_answer and _can_be_asked_on(topic) else None


def _can_be_asked_on(topic: str) -> bool:
    return group_of(topic) not in (*REDIRECT_GROUPS, "emergency")


def _topic_of(parse_data: Mapping[str, Any]) -> str | None:
    response = parse_data.get("response_selector", {}).get("default", {}).get("response", {})
    topic = response.get("intent_response_key")
    return topic if isinstance(topic, str) else None


def _follow_up(parsed: Mapping[str, Any]) -> FollowUp | None:
    found = parsed.get("follow_up")
    return FollowUp(tuple(found["kinds"]), bool(found["points"])) if found else None


def _asking_on(meaning: Meaning, assumed: Assumed, parsed: Mapping[str, Any], release: Release) -> Meaning:
    alone = replace(meaning, choices=(), confidence=1.0, assumed=assumed)
    if assumed.again:
        return replace(alone, intent=ASKED_AGAIN, outcome=Outcome.NO_ANSWER, topic=None)
    ranking: list[Scored] = [(one["name"], one["confidence"]) for one in parsed.get("intent_ranking") or ()]
    other = best_other(ranking, assumed.topic)
    meant = without_form(about(assumed.topic, alone, release))
    return replace(meant, other=other if other in release.topics else None)


def _with_second_matter(meaning: Meaning, parsed: Mapping[str, Any], release: Release) -> Meaning:
    matters = [(one["topic"], one["p"]) for one in parsed.get("matters") or () if one["topic"] in release.topics]
    if len(matters) < 2:
        return meaning
    (first, p), (second, _) = matters
    return replace(about(first, replace(meaning, choices=(), confidence=p), release), other=second)
