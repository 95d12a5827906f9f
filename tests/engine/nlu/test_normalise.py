"""The ways of typing one message that must be one text to the encoders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.nlu.normalise import MAX_CHARACTERS, normalise


@pytest.mark.parametrize(
    "typed, read",
    [
        ("COPIA DE REPORTE POLICÍA 🚓", "copia de reporte policia"),
        ("copia  de\nreporte\tpolicia", "copia de reporte policia"),
        ("¿Co\u0301mo saco mi reporte?", "como saco mi reporte"),
        ("heeeeelp!!!!", "heelp"),
        ("I can’t find it…", "i can't find it"),
        ("re\u200bport\u202e", "report"),
        ("ｒｅｐｏｒｔ", "report"),
        ("👍🏽❤️", ""),
        ("!¿", ""),
        ("where? ! .", "where"),
        ("nooo¿oo", "noo"),
        ("a\x00b", "a b"),
        ("(OH) Landlord's son took my bike", "landlord's son took my bike"),
        ("parking ticket [New York] (x-post)?", "parking ticket"),
        ("my car (a blue one) is gone", "my car (a blue one) is gone"),
        ("[help]", "[help]"),
    ],
)
def test_one_written_form(typed: str, read: str) -> None:
    assert normalise(typed) == read


# Letters and signs that meet often enough to be drawn together, beside all there are.
@given(st.text(max_size=300) | st.text(st.sampled_from("aá!?¿¡. …\n🚓\u0301()[]"), max_size=60))
def test_reading_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_a_very_long_message_is_cut() -> None:
    assert len(normalise("a b " * 100_000)) <= MAX_CHARACTERS
