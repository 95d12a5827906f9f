"""How hard an answer is to read."""

import pytest

from bot.core.reading import grade


@pytest.mark.parametrize(
    "text, language, low, high",
    [
        ("Call us. We will help you. Bring your ID.", "en", 0.0, 2.0),
        ("Ask at the front counter. Bring the number of your report and a photo ID.", "en", 2.0, 6.0),
        (
            "Notwithstanding the aforementioned provisions, applications for administrative reconsideration "
            "necessitate comprehensive supporting documentation.",
            "en", 18.0, 40.0,
        ),
        ("Llame. Traiga su papel. Le ayudamos.", "es", 0.0, 1.0),
        (
            "Sin perjuicio de las disposiciones anteriormente mencionadas, las solicitudes de reconsideración "
            "administrativa requieren documentación justificativa exhaustiva.",
            "es", 7.0, 15.0,
        ),
    ],
)  # fmt: skip
def test_a_plain_text_needs_fewer_years_of_schooling(text: str, language: str, low: float, high: float) -> None:
    found = grade(text, language)
    assert found is not None
    assert low <= found <= high


def test_each_step_on_its_own_line_is_a_sentence() -> None:
    assert grade("1. Go to the desk\n2. Show your card\n3. Pay the fee", "en") == grade(
        "Go to the desk. Show your card. Pay the fee.", "en"
    )


@pytest.mark.parametrize("text, language", [("", "en"), ("911", "en"), ("Hello there", "tlh")])
def test_no_grade_without_words_or_a_formula(text: str, language: str) -> None:
    assert grade(text, language) is None
