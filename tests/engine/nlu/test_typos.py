"""Words that are a slip away from those of the examples."""

import pytest

from bot.engine.nlu.typos import Typos

TYPOS = Typos({
    "en": {"crash": 5, "report": 9, "reports": 4, "wallet": 3, "fishing": 3, "wishing": 1, "fingerprints": 4,
           "rare": 3, "accident": 90, "acident": 2, "petrol": 2, "patrol": 50},
    "es": {"reporte": 6, "choque": 4},
})  # fmt: skip


@pytest.mark.parametrize(
    "written, language, read",
    [
        ("crsah reprot", "en", "crash report"),
        ("my walet", "en", "my wallet"),
        ("i was wishing", "en", "i was wishing"),
        ("fingrprimts", "en", "fingerprints"),
        ("rarw", "en", "rarw"),
        ("reportr", "en", "report"),
        ("my acident", "en", "my accident"),
        ("petrol", "en", "petrol"),
        ("zzzzzzz", "en", "zzzzzzz"),
        ("reprote del choqe", "es", "reporte del choque"),
        ("crsah", "fr", "crsah"),
    ],
)
def test_a_slip_is_read_as_what_was_meant(written: str, language: str, read: str) -> None:
    assert TYPOS.mended(written, language) == read


def test_words_are_counted_once_an_example() -> None:
    typos = Typos.learnt(["noise noise", "noise here", "ruido"], ["en", "en", "es"])
    assert typos.words == {"en": {"noise": 2, "here": 1}, "es": {"ruido": 1}}
