"""Where a message falls into parts, with the project's own words for it."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.training.topic_files import read_topics
from tests.core.phrasing_data import documents, phrasing

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "text, parts",
    [
        (
            "I lost my wallet and also need a police report for insurance",
            ["I lost my wallet", "need a police report for insurance"],
        ),
        ("Where do I pay a ticket? And do you tow cars?", ["Where do I pay a ticket?", "do you tow cars?"]),
        ("where do i pay a ticket and do you tow cars", ["where do i pay a ticket", "do you tow cars"]),
        (
            "Hi there! My car was towed. How do I get it back? Also, do you register bikes? Thanks",
            ["My car was towed. How do I get it back?", "do you register bikes?"],
        ),
        ("my bike was stolen plus my permit needs renewing", ["my bike was stolen", "my permit needs renewing"]),
        ("my car got towed and i need fingerprints", ["my car got towed", "i need fingerprints"]),
        ("Another question: where do I drop off old pills?", []),
        ("My car was towed. How much is it?", []),
        ("How do I get a crash report and how much does it cost?", []),
        ("I lost my bag and my keys", []),
        ("someone hit my car and drove off, what do i do", []),
        ("My neighbor came over. He was loud. He also swore at me. What can I do about it?", []),
        ("hello, good morning. How do I get a crash report? Thank you so much!", []),
        ("i live at 12 St. James rd. and it is noisy", []),
        ("", []),
        ("???", []),
        ("and also", []),
    ],
)
def test_parts_in_english(text: str, parts: list[str]):
    assert list(phrasing().parts(text, "en").texts) == parts


@pytest.mark.parametrize(
    "text, parts",
    [
        (
            "Perdí mi cartera y también necesito un reporte para el seguro",
            ["Perdí mi cartera", "necesito un reporte para el seguro"],
        ),
        ("¿Dónde pago una multa? ¿Y cómo consigo el reporte?", ["¿Dónde pago una multa?", "cómo consigo el reporte?"]),
        ("Me hackearon. Otra cosa, ¿dónde tiro medicinas?", ["Me hackearon", "dónde tiro medicinas?"]),
        ("buenas tardes, me robaron el carro. muchas gracias", []),
        ("¿Cómo consigo el reporte y cuánto cuesta?", []),
    ],
)
def test_parts_in_spanish(text: str, parts: list[str]):
    assert list(phrasing().parts(text, "es").texts) == parts


def test_parts_joined_by_no_more_than_an_and_are_known_as_such():
    assert phrasing().parts("my car got towed and i need fingerprints", "en").loose
    assert not phrasing().parts("my car got towed and also i need fingerprints", "en").loose


def test_a_language_without_a_file_has_no_parts():
    assert phrasing().parts("où est le bureau? et combien ça coûte?", "fr").texts == ()


def test_a_message_of_many_matters_is_left_whole():
    assert phrasing().parts("How do I pay a ticket? " * 4, "en").texts
    assert phrasing().parts("How do I pay a ticket? " * 5, "en").texts == ()


@pytest.mark.parametrize("longer, up_to, most", [(0, 40, 0.05), (40, 1000, 0.4)])
def test_few_of_the_topics_own_examples_look_like_two_matters(longer: int, up_to: int, most: float):
    """By their number of words: of long stories more have several questions in them."""
    examples = [
        (language, text)
        for topic in read_topics(ROOT / "data" / "nlu")
        for language, texts in topic.examples.items()
        for text in texts
        if longer < len(text.split()) <= up_to
    ]
    seen = Counter(language for language, _ in examples)
    split = Counter(language for language, text in examples if phrasing().parts(text, language).texts)
    assert {language: split[language] / seen[language] < most for language in seen} == {"en": True, "es": True}


def test_most_messages_of_two_matters_are_parted():
    written = yaml.safe_load((ROOT / "tests" / "engine" / "nlu" / "two_matters.yml").read_text("utf-8"))
    for language, messages in written.items():
        assert len(messages) >= 40
        parted = [one for one in messages if phrasing().parts(one["text"], language).texts]
        assert len(parted) / len(messages) >= 0.9


def test_every_language_of_the_department_says_how_it_is_put():
    languages = yaml.safe_load((ROOT / "department.yml").read_text("utf-8"))["languages"]
    assert sorted(documents()) == sorted(languages)
    for document in documents().values():
        assert set(document["follow_up"]["kinds"]) == set(documents()[languages[0]]["follow_up"]["kinds"])
