"""The buttons under a reply."""

from pathlib import Path

from bot.core.outcome import Outcome
from bot.engine import slim  # noqa: F401  (before rasa)

# isort: split
from rasa.shared.core.events import BotUttered

from bot.engine.release import Release
from bot.engine.replies import replies_of
from bot.engine.understanding import of_parse

LEGAL, THEFT, NOISE, AID = "oos/legal_advice", "report/theft", "report/noise", "victim/services"
RELEASE = Release(
    "r1",
    Path("model.tar.gz"),
    ("en",),
    {topic: {"title": {"en": topic}, "buttons": [AID]} for topic in (LEGAL, THEFT, NOISE, AID)},
)


def test_the_nearest_topics_of_ours_stand_before_a_redirections_own_buttons() -> None:
    decided = {
        "outcome": "no_answer",
        "topic": LEGAL,
        "confidence": 0.6,
        "choices": [{"topic": THEFT, "p": 0.2}, {"topic": "report/retired", "p": 0.1}],
    }
    meaning = of_parse({"frontdesk": decided, "language": "en"}, "can i sue", RELEASE, fallback_language="en")
    assert (meaning.outcome, meaning.topic) == (Outcome.NO_ANSWER, LEGAL)
    (reply,) = replies_of([BotUttered("Ask a lawyer.", metadata={"utter_action": f"utter_{LEGAL}"})], meaning, RELEASE)
    assert [button["topic"] for button in reply["buttons"]] == [THEFT, AID]
