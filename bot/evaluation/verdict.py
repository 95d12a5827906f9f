"""What came of a message, beside what should have: one verdict for each, and whether a false alarm was raised."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.decision import REDIRECT_GROUPS, group_of
from bot.core.outcome import HANDOFF_TOPIC
from bot.evaluation.label import Label

Answer = Mapping[str, Any]
"""What ``frontdesk ask --json`` prints: outcome, topic, confidence, choices (topic ids), notice, ms."""
ANSWERED = ("answer", "form", "smalltalk", "handoff")
REFUSED = ("no_answer", "handoff")


class Verdict(StrEnum):
    """The first four are of messages in scope, then two out of scope, then two of emergencies."""

    RIGHT = "right"
    CHOICES = "choices"
    NONE = "none"
    WRONG = "wrong"
    REFUSED = "refused"
    ANSWERED = "answered"
    CAUGHT = "caught"
    MISSED = "missed"


IN_SCOPE = (Verdict.RIGHT, Verdict.CHOICES, Verdict.NONE, Verdict.WRONG)
AS_IT_SHOULD = (Verdict.RIGHT, Verdict.REFUSED, Verdict.CAUGHT)
# In points. Choices without the right one count as wrong; an emergency has no price.
PRICES = {
    Verdict.RIGHT: 0.0,
    Verdict.CHOICES: 1.0,
    Verdict.NONE: 2.0,
    Verdict.WRONG: 5.0,
    Verdict.REFUSED: 0.0,
    Verdict.ANSWERED: 4.0,
}


@dataclass(frozen=True)
class Judged:
    """`alarm`: None for what may be an emergency; else emergency, notice or calm, what it was taken for."""

    label: Label
    answer: Answer
    verdict: Verdict
    alarm: str | None

    @property
    def given(self) -> str:
        """The topic answered, or what was done instead, in a word or two."""
        if topic := given_topic(self.answer):
            return topic
        if self.answer["outcome"] == "choices":
            return "choices with it" if self.verdict is Verdict.CHOICES else "choices without it"
        return str(self.answer["outcome"]).replace("_", " ")


def judge(label: Label, answer: Answer) -> Judged:
    return Judged(label, answer, verdict(label, answer), alarm(label, answer))


def verdict(label: Label, answer: Answer) -> Verdict:
    """Right: an acceptable topic was answered. Choices: one offered is acceptable, instead of an answer or beside a
    redirection. None: no answer, or a person.

    Out of scope it is refused where nothing of ours was answered; an emergency is caught by outcome or notice.
    """
    outcome, topic = answer["outcome"], given_topic(answer)
    if label.expect == "emergency":
        return Verdict.CAUGHT if outcome == "emergency" or answer["notice"] else Verdict.MISSED
    if label.expect == "out_of_scope":
        redirected = topic is not None and group_of(topic) in REDIRECT_GROUPS
        return Verdict.REFUSED if outcome in REFUSED or redirected else Verdict.ANSWERED
    if topic in label.acceptable and outcome in ANSWERED:
        return Verdict.RIGHT
    if outcome == "emergency" and label.may_be_emergency:
        return Verdict.RIGHT
    if outcome in ("choices", "no_answer") and label.acceptable & set(answer["choices"]):
        return Verdict.CHOICES
    return Verdict.NONE if outcome in REFUSED else Verdict.WRONG


def alarm(label: Label, answer: Answer) -> str | None:
    if label.may_be_emergency:
        return None
    if answer["outcome"] == "emergency":
        return "emergency"
    return "notice" if answer["notice"] else "calm"


def given_topic(answer: Answer) -> str | None:
    """The topic answered. The desk itself hands over at the word for a person, and asks no engine for a topic."""
    if answer["topic"] is None and answer["outcome"] == "handoff":
        return HANDOFF_TOPIC
    return str(answer["topic"]) if answer["topic"] else None
