"""Labels and answers for the tests of this room, made up."""

from typing import Any

from bot.evaluation.label import Label
from bot.evaluation.verdict import Judged, judge


def label(topic: str = "tickets/pay", **changes: Any) -> Label:
    facts: dict[str, Any] = {
        "text": f"about {topic}",
        "lang": "en",
        "topic": topic,
        "also": (),
        "expect": "answer",
        "expect_also": (),
        "provenance": "sms",
    }
    return Label(**{**facts, **changes})


def answer(outcome: str = "answer", topic: str | None = None, **changes: Any) -> dict[str, Any]:
    facts = {"outcome": outcome, "topic": topic, "confidence": 0.9, "choices": [], "notice": False, "ms": 20.0}
    return {**facts, **changes}


def judged(
    expected: str, outcome: str, given: str | None, *, said: dict[str, Any] | None = None, **changes: Any
) -> Judged:
    """A message about `expected` that came as `outcome` with the topic `given`; `said`: more of the answer."""
    return judge(label(expected, **changes), answer(outcome, given, **(said or {})))
