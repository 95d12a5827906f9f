"""Whether a message typed inside a form answers its question or asks something else."""

from typing import Optional

INTERRUPTS_AT = 0.9
"""The least probability of a topic for a message to be taken as a question of its own. High on purpose: a question
taken for an answer is read by staff with the message, an answer taken for a question is asked for again."""

FREE_TEXT = frozenset({"message_about"})
"""Slots that take any text. What a message is about reads like a topic, so only a short question interrupts."""

_SHORT = 120  # characters


def interrupts(text: str, requested_slot: Optional[str], *, topic: Optional[str], confidence: float) -> bool:
    """True where `text` is clearly another topic's question. `topic` is None where the decision was no single topic."""
    if topic is None:
        return False
    if topic.startswith("emergency/"):
        return True  # a cry for help is never stored as a form's answer, however unsure the topic
    if confidence < INTERRUPTS_AT:
        return False
    if requested_slot not in FREE_TEXT:
        return True
    return len(text) <= _SHORT and (topic.startswith("chat/") or text.rstrip().endswith(("?", "？")))
