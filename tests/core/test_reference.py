"""bot/core/reference.py: unguessable, readable over the phone, and slips are noticed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.core.reference import ALPHABET, RANDOM_SIGNS, draw, read

SIGN = st.sampled_from(ALPHABET)
PLACE = st.integers(0, RANDOM_SIGNS)


def reference_of(signs: list[str]) -> str:
    remaining = iter(signs)
    return draw(lambda _: next(remaining))


def test_a_reference_looks_like_one():
    assert re.fullmatch(r"FD-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", draw())
    assert not set("01OIL") & set(ALPHABET)
    assert len(ALPHABET) ** RANDOM_SIGNS > 2**50


def test_ten_thousand_are_all_different():
    assert len({draw() for _ in range(10_000)}) == 10_000


@given(st.lists(SIGN, min_size=RANDOM_SIGNS, max_size=RANDOM_SIGNS))
def test_it_is_read_back_however_it_is_written(signs: list[str]):
    reference = reference_of(signs)
    for written in (reference, reference.lower(), reference.replace("-", " "), reference.removeprefix("FD-")):
        assert read(written) == reference


@given(st.lists(SIGN, min_size=RANDOM_SIGNS, max_size=RANDOM_SIGNS), PLACE, SIGN)
def test_one_wrong_sign_is_noticed(signs: list[str], place: int, wrong: str):
    written = list(reference_of(signs).removeprefix("FD-").replace("-", ""))
    is_changed = written[place] != wrong
    written[place] = wrong
    assert (read("".join(written)) is None) is is_changed


@given(st.lists(SIGN, min_size=RANDOM_SIGNS, max_size=RANDOM_SIGNS), st.integers(0, RANDOM_SIGNS - 1))
def test_two_neighbours_swapped_are_noticed(signs: list[str], place: int):
    written = list(reference_of(signs).removeprefix("FD-").replace("-", ""))
    is_changed = written[place] != written[place + 1]
    written[place], written[place + 1] = written[place + 1], written[place]
    assert (read("".join(written)) is None) is is_changed


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str):
    read(text)
