"""Whether a message typed inside a form answers its question or asks something else."""

from collections.abc import Callable, Mapping

from bot.core.confirm import read_confirm
from bot.core.contact import ContactProblem, read_contact

INTERRUPTS_AT = 0.9
"""The least probability of a topic for a message to be taken as a question of its own. High on purpose: a question
taken for an answer is read by staff with the message, an answer taken for a question is asked for again."""

FREE_TEXT = frozenset({"message_about"})
"""Slots that take any text. What a message is about reads like a topic, so only a short question interrupts."""

_SHORT = 120  # characters

_ANSWERS: Mapping[str, Callable[[str], bool]] = {
    "message_contact": lambda text: read_contact(text) is not ContactProblem.UNREADABLE,
    "message_confirm": lambda text: read_confirm(text) is not None,
}
"""Slots whose answers can be told: "yes" is small talk to the classifier, and a "yes" to the form."""


def interrupts(text: str, requested_slot: str | None, *, topic: str | None, confidence: float) -> bool:
    """True where `text` is clearly another topic's question. `topic` is None where the decision was no single topic."""
    if topic is None:
        return False
    if topic.startswith("emergency/"):
        return True  # a cry for help is never stored as a form's answer, however unsure the topic
    if confidence < INTERRUPTS_AT:
        return False
    if requested_slot not in FREE_TEXT:
        is_answer = _ANSWERS.get(requested_slot or "")
        return not (is_answer and is_answer(text))
    return len(text) <= _SHORT and (topic.startswith("chat/") or text.rstrip().endswith(("?", "？")))
