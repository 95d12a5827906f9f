"""The rules of signing in, without any page."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.refused import Refused
from bot.core.sign_in import (
    AddressTries,
    Tries,
    after_failure,
    is_plain_loopback,
    is_same_origin,
    is_session_over,
    new_password,
    shown_name,
    username,
)

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
DESK = "https://desk.example.org"


@pytest.mark.parametrize("idle, signed_in, expected", [
    (timedelta(0), timedelta(0), False),
    (timedelta(minutes=29, seconds=59), timedelta(hours=1), False),
    (timedelta(minutes=30), timedelta(hours=1), True),
    (timedelta(seconds=5), timedelta(hours=11, minutes=59), False),
    (timedelta(seconds=5), timedelta(hours=12), True),
])
def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(
    idle: timedelta, signed_in: timedelta, expected: bool
) -> None:
    over = is_session_over(created_at=NOW - signed_in, last_seen_at=NOW - idle, now=NOW, idle=IDLE, longest=LONGEST)
    assert over is expected


def test_an_account_waits_after_five_failed_tries_in_a_row() -> None:
    tries = Tries()
    for _ in range(4):
        tries = after_failure(tries, now=NOW, most=5, wait=timedelta(minutes=5))
        assert not tries.is_locked(NOW)
    tries = after_failure(tries, now=NOW, most=5, wait=timedelta(minutes=5))
    assert tries.is_locked(NOW + timedelta(minutes=4, seconds=59))
    assert not tries.is_locked(NOW + timedelta(minutes=5))


def test_tries_while_an_account_waits_do_not_make_it_wait_longer() -> None:
    locked = Tries(0, NOW + timedelta(minutes=5))
    assert after_failure(locked, now=NOW, most=5, wait=timedelta(minutes=5)) == locked


def test_a_right_password_gives_an_address_its_try_back() -> None:
    tries = AddressTries(burst=2, per_minute=1)
    for _ in range(10):
        assert tries.take("192.0.2.1", 0)
        tries.give_back("192.0.2.1")
    assert [tries.take("192.0.2.1", 0) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("text, code", [
    ("short", "password_short"),
    ("12345678901234", "password_short"),
    ("x" * 201, "password_long"),
    ("x" * 1_000_000, "password_long"),
    ("passwordpassword", "password_easy"),
    ("qwertyuiopasdfghjkl", "password_easy"),
    ("1234567890123456", "password_easy"),
    ("aaaaaaaaaaaaaaaaaaaa", "password_easy"),
    ("rivera-rivera-1", "password_easy"),
    ("abcabcabcabcabcabc", "password_easy"),
])
def test_short_long_and_easy_passwords_are_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        new_password(text, most=200, not_containing=("rivera", "password"))
    assert refused.value.code == code


@pytest.mark.parametrize("text", [
    "seven green lanterns by the river", "пятнадцать зелёных фонарей", "火の用心 夜回り 拍子木 長屋の道 一丁目",
])
def test_long_passwords_of_any_script_are_taken(text: str) -> None:
    assert new_password(text, most=200)


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert new_password("cafe\u0301 con leche y pan", most=200) == new_password("caf\u00e9 con leche y pan", most=200)


@pytest.mark.parametrize("text, expected", [("Rivera", "rivera"), (" j.doe_2 ", "j.doe_2"), ("ab", "ab")])
def test_usernames_are_lower_case(text: str, expected: str) -> None:
    assert username(text) == expected


@pytest.mark.parametrize("text", ["", "a", "-x", "<script>", "a b", "x" * 33, "josé", "a\x00b"])
def test_odd_usernames_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        username(text)


@pytest.mark.parametrize("text, expected", [
    ("  Officer\tRivera ", "Officer Rivera"), ("O'Neil \u202e<b>", "O'Neil <b>"),
])
def test_a_shown_name_is_one_line_without_control_characters(text: str, expected: str) -> None:
    assert shown_name(text) == expected


@pytest.mark.parametrize("origin, fetch_site, expected", [
    ("https://desk.example.org", None, True),
    ("https://desk.example.org", "same-origin", True),
    ("null", "same-origin", True),
    (None, "same-origin", True),
    (None, None, False),
    ("null", None, False),
    ("https://evil.example", None, False),
    ("https://desk.example.org.evil.example", None, False),
    ("https://desk.example.org", "cross-site", False),
    ("https://other.example.org", "same-site", False),
    ("https://[broken", None, False),
])
def test_only_our_own_pages_may_change_things(origin: str | None, fetch_site: str | None, expected: bool) -> None:
    assert is_same_origin(origin=origin, fetch_site=fetch_site, host="desk.example.org", address=DESK) is expected


@pytest.mark.parametrize("scheme, host, public, expected", [
    ("http", "127.0.0.1:8080", "", True),
    ("http", "localhost", "", True),
    ("ws", "[::1]:8080", "", True),
    ("https", "127.0.0.1", "", False),
    ("http", "desk.example.org", "", False),
    ("http", "127.0.0.1.evil.example", "", False),
    ("http", "127.0.0.1:8080", DESK, False),
])
def test_a_weaker_cookie_is_thinkable_on_this_machine_only(scheme: str, host: str, public: str, expected: bool) -> None:
    assert is_plain_loopback(scheme=scheme, host=host, address=public) is expected
