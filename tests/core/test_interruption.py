"""bot/core/interruption.py: what a resident types while a form waits for an answer."""

import pytest

from bot.core.interruption import interrupts

ABOUT, CONTACT, CONFIRM = "message_about", "message_contact", "message_confirm"


@pytest.mark.parametrize(
    "text, slot, topic, confidence, expected",
    [
        ("where is my towed car?", CONTACT, "vehicles/towed_impounded", 0.95, True),
        ("where is my towed car", CONTACT, "vehicles/towed_impounded", 0.95, True),
        ("where is my towed car?", CONTACT, "vehicles/towed_impounded", 0.7, False),
        ("where is my towed car?", CONTACT, None, 0.99, False),
        ("where is my towed car?", ABOUT, "vehicles/towed_impounded", 0.95, True),
        ("My car was towed and nobody tells me where", ABOUT, "vehicles/towed_impounded", 0.99, False),
        ("My car was towed. " * 10 + "Where is it?", ABOUT, "vehicles/towed_impounded", 0.99, False),
        ("yes", CONFIRM, "chat/courtesy", 0.96, False),
        ("no gracias", CONFIRM, "chat/courtesy", 0.96, False),
        ("thanks", CONFIRM, "chat/courtesy", 0.96, True),
        ("thanks, it is 312 555 0134", CONTACT, "chat/courtesy", 0.96, False),
        ("911", CONTACT, "info/emergency_numbers", 0.96, False),
        ("I want a person", ABOUT, "chat/human_handoff", 0.97, True),
        ("he is bleeding, call 312 555 0134", CONTACT, "emergency/fire_medical", 0.4, True),
        ("he is bleeding", ABOUT, "emergency/fire_medical", 0.4, True),
    ],
)
def test_interrupts(text: str, slot: str, topic: str | None, confidence: float, expected: bool):
    assert interrupts(text, slot, topic=topic, confidence=confidence) is expected
