"""Contractions that without their apostrophe are another word."""

import pytest

from bot.core.contractions import Contractions

KNOWN = Contractions({"we're": "we are", "she'll": "she will"})


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("We're stuck", "we are stuck"),
        ("we’re stuck and SHE`LL faint", "we are stuck and she will faint"),
        ("we were stuck, the shell broke", "we were stuck, the shell broke"),
        ("owe're", "owe're"),
        ("", ""),
    ],
)
def test_contractions_are_spelled_out_whatever_their_apostrophe(text: str, read: str):
    assert KNOWN.spelled_out(text) == read


def test_a_language_without_contractions_changes_nothing():
    assert Contractions({}).spelled_out("we're here") == "we're here"
