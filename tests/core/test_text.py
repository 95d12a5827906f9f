"""Text made safe, ids, limits."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import secret_id, uuid7
from bot.core.limits import Buckets
from bot.core.text import clean, is_empty, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  hello \r\nyou ", "hello \nyou"),
        ("a\x00b\x07c", "abc"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("cafe\u0301", "caf\u00e9"),
        ("\ud83d\ude00", "\U0001f600"),
    ],
)
def test_clean(text: str, expected: str):
    assert clean(text) == expected


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_clean_text_can_always_be_stored(text: str):
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "expected"), [("", True), (" \u200b", True), ("😀", True), ("a", False), ("7", False), ("ñ", False)]
)
def test_is_empty(text: str, expected: bool):
    assert is_empty(text) is expected


def test_one_line_is_cut_with_an_ellipsis():
    assert one_line("a\nb  c", 10) == "a b c"
    assert one_line("abcdefgh", 5) == "abcd…"


def test_uuid7_sorts_by_time_and_says_its_version():
    early, late = uuid7(datetime(2026, 1, 1, tzinfo=UTC)), uuid7(datetime(2026, 1, 2, tzinfo=UTC))
    assert early < late
    assert early[14] == "7"


def test_secret_ids_fit_telegrams_callback_data():
    assert len({secret_id() for _ in range(1000)}) == 1000
    assert len(secret_id().encode()) <= 64


def test_a_bucket_lets_a_burst_through_and_then_a_trickle():
    buckets = Buckets(burst=3, per_minute=60)
    assert [buckets.take("a", 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert buckets.take("b", 0.0)
    assert buckets.take("a", 1.0)
    assert not buckets.take("a", 1.5)


def test_buckets_forget_the_oldest_and_survive_a_clock_that_steps_back():
    buckets = Buckets(burst=1, per_minute=1, most=2)
    assert all(buckets.take(key, 100.0) for key in "abc")
    assert buckets.take("a", 50.0), "a was forgotten: memory is bounded"
    assert not buckets.take("a", 40.0)
