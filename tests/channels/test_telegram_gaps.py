"""An update is answered without waiting only when none before it can still be on its way."""

import pytest

from bot.channels.telegram.gaps import Gaps


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gaps(clock: Clock) -> Gaps:
    """One that has been running for a while, with all up to 100 stored."""
    made = Gaps(1.0, clock=clock)
    made.stored(100)
    clock.now = 2.0
    return made


def test_after_a_start_anything_may_be_missing(clock: Clock):
    made = Gaps(1.0, clock=clock)
    made.stored(100)
    assert not made.is_next(101)
    clock.now = 1.1
    assert made.is_next(101)


def test_one_after_another_is_next(gaps: Gaps):
    for number in (101, 102, 103):
        assert gaps.is_next(number)
        gaps.stored(number)


def test_what_follows_the_highest_is_not_next_while_an_earlier_one_is_missing(gaps: Gaps):
    gaps.stored(105)
    assert not gaps.is_next(106)
    assert gaps.is_next(101)


def test_a_closed_gap_is_forgotten(gaps: Gaps):
    gaps.stored(102)
    gaps.stored(101)
    assert gaps.is_next(103)


def test_an_update_that_never_comes_holds_nobody_up_for_long(gaps: Gaps, clock: Clock):
    gaps.stored(105)
    clock.now += 1.1
    assert gaps.is_next(106)


def test_a_late_update_is_next(gaps: Gaps):
    assert gaps.is_next(57)
