"""What a turn came to, in one word, from its topic. The words are those `frontdesk ask` prints."""

from enum import Enum

HANDOFF_TOPIC = "chat/human_handoff"


class Outcome(str, Enum):
    """The outcomes of the turn contract."""

    ANSWER = "answer"
    FORM = "form"
    CHOICES = "choices"
    EMERGENCY = "emergency"
    HANDOFF = "handoff"
    SMALLTALK = "smalltalk"
    NO_ANSWER = "no_answer"


_BY_GROUP = {
    "emergency": Outcome.EMERGENCY,
    "oos": Outcome.NO_ANSWER,
    "safety": Outcome.NO_ANSWER,
    "chat": Outcome.SMALLTALK,
}


def outcome_of(topic: str, *, form: str | None = None) -> Outcome:
    """The outcome of answering `topic`; `form` is the form the topic opens."""
    if topic == HANDOFF_TOPIC:
        return Outcome.HANDOFF
    if form:
        return Outcome.FORM
    return _BY_GROUP.get(topic.split("/", 1)[0], Outcome.ANSWER)
