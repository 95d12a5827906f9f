"""Which language a message is in, and when it changes the conversation's."""

from pathlib import Path

import pytest
import yaml

from bot.engine import slim  # noqa: F401  (before rasa)
from bot.engine.nlu.language import LanguageDetector, LanguageIdentifier

PHRASING = Path(__file__).parents[3] / "data" / "phrasing"


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector(["en", "es"], ["fr", "pt"])


@pytest.mark.parametrize(
    "text, current, language",
    [
        ("how do I get my accident report", "es", "en"),
        ("cómo saco la copia de mi reporte de choque", "en", "es"),
        ("como saco la copia de mi reporte de choque", "en", "es"),
        ("gracias", "en", "es"),
        ("ok", "es", "en"),
        ("no", "es", "es"),
        ("no", "en", "en"),
        ("human", "en", "en"),
        ("12345", "es", "es"),
        ("🚓", "es", "es"),
        ("", "es", "es"),
        ("hello there", None, "en"),
    ],
)
def test_the_conversations_language(detector: LanguageDetector, text: str, current: str | None, language: str) -> None:
    assert detector.identify(text, current=current)[0] == language


@pytest.mark.parametrize(
    "text, language",
    [
        ("el landlord no me regresa el deposit y quiero el police report", "es"),
        ("background check para guardería", "es"),
        ("hay auction este mes?", "es"),
        ("report a homeless camp in los angeles", "en"),
        ("tranfer me to an agent", "en"),
        ("SIN number lost", "en"),
    ],
)
def test_small_words_decide_where_most_are_borrowed(text: str, language: str) -> None:
    words = {code: yaml.safe_load((PHRASING / f"{code}.yml").read_text())["function_words"] for code in ("en", "es")}
    detector = LanguageDetector(["en", "es"], ["fr", "pt"], words)
    assert detector.identify(text, current="en" if language == "es" else "es")[0] == language


def test_a_language_the_department_does_not_have_changes_nothing_but_the_reading(detector: LanguageDetector) -> None:
    french = "Comment puis-je obtenir une copie de mon rapport d'accident, s'il vous plaît ?"
    assert detector.identify(french, current="es") == ("es", "fr")


def test_a_chosen_language_stays() -> None:
    from rasa.shared.nlu.training_data.message import Message

    message = Message(data={"text": "how do I get my report", "language": "es", "language_chosen": True})
    LanguageIdentifier({"languages": ["en", "es"], "foreign": []}).process([message])
    assert (message.get("language"), message.get("written_in")) == ("es", "en")


def test_one_language_needs_no_detector() -> None:
    assert LanguageDetector(["en"]).identify("cómo está", current=None) == ("en", "en")
