"""What a typed message means in its conversation: asked on about the last answer, a choice picked, or two matters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.core.decision import EMERGENCY_GROUP, REDIRECT_GROUPS, Scored, group_of
from bot.core.follow_up import Assumed, Before, FollowUp, Said, assume
from bot.core.matters import best_other
from bot.core.outcome import Outcome
from bot.engine.release import Release
from bot.engine.understanding import ALSO, ASKED_ON, Meaning, about, without_form

ASKED_AGAIN = "asked_again"
_SMALL_TALK = "chat"
_NOTHING_MORE = (*REDIRECT_GROUPS, EMERGENCY_GROUP)
"""Groups whose answers leave nothing to ask on about."""


def in_conversation(meaning: Meaning, parsed: Mapping[str, Any], before: Before, release: Release) -> Meaning:
    """`meaning`, the reading of a message alone, in its conversation. `parsed`: what the classifier set on it."""
    assumed = assume(_said(parsed), before, outcome=meaning.outcome, confidence=meaning.confidence)
    if assumed and assumed.topic in release.topics:
        return _assuming(meaning, assumed, parsed, release)
    return _with_second_matter(meaning, parsed, release)


def before_now(tracker: DialogueStateTracker) -> Before:
    """What the next message may be about, small talk aside; nothing after a form, a handoff or a redirect."""
    said = (event for event in reversed(tracker.events) if isinstance(event, UserUttered))
    last = next((event for event in said if event.intent_name != _SMALL_TALK), None)
    if last is None:
        return Before()
    if last.intent_name == Outcome.CHOICES.value:
        return Before(offered=tuple(one["name"] for one in last.parse_data.get("intent_ranking") or ()))
    if asked_on := last.parse_data.get(ASKED_ON):
        return Before(asked_on["topic"], tuple(asked_on["kinds"]), pending=asked_on[ALSO])
    topic = _topic_of(last.parse_data)
    is_answer = topic is not None and last.intent_name == group_of(topic)
    if topic is None or not is_answer or group_of(topic) in _NOTHING_MORE:
        return Before()
    return Before(topic, pending=last.parse_data.get(ALSO))


def _topic_of(parse_data: Mapping[str, Any]) -> str | None:
    response = parse_data.get("response_selector", {}).get("default", {}).get("response", {})
    topic = response.get("intent_response_key")
    return topic if isinstance(topic, str) else None


def _said(parsed: Mapping[str, Any]) -> Said:
    found = parsed.get("follow_up")
    follow_up = FollowUp(tuple(found["kinds"]), bool(found["points"])) if found else None
    return Said(follow_up, parsed.get("pick"))


def _assuming(meaning: Meaning, assumed: Assumed, parsed: Mapping[str, Any], release: Release) -> Meaning:
    ranking: list[Scored] = [(one["name"], one["confidence"]) for one in parsed.get("intent_ranking") or ()]
    other = assumed.pending or (best_other(ranking, assumed.topic) if assumed.kinds else None)
    alone = replace(meaning, choices=(), assumed=assumed, other=other if other in release.topics else None)
    if assumed.again:
        return replace(alone, intent=ASKED_AGAIN, outcome=Outcome.NO_ANSWER, topic=None)
    meant = about(assumed.topic, replace(alone, confidence=1.0), release)
    return meant if not assumed.kinds else without_form(meant)


def _with_second_matter(meaning: Meaning, parsed: Mapping[str, Any], release: Release) -> Meaning:
    matters = [(one["topic"], one["p"]) for one in parsed.get("matters") or () if one["topic"] in release.topics]
    if len(matters) < 2:
        return meaning
    (first, p), (second, _) = matters
    return replace(about(first, replace(meaning, choices=(), confidence=p), release), other=second)
