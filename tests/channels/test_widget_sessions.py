"""A resident's token: drawn by the desk, recognised without the database (promise B23)."""

import pytest

from bot.channels.widget.sessions import Sessions

SESSIONS = Sessions(b"a key for tests")


def test_a_token_has_128_random_bits_and_the_desks_mark() -> None:
    tokens = {SESSIONS.draw() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 and SESSIONS.is_ours(token) for token in tokens)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a" * 43,
        "A" * 10_000,
        "' OR 1=1--",
        "é" * 43,
        "\x00" * 43,
        "a" * 42 + "=",
        SESSIONS.draw()[:-1],
        SESSIONS.draw() + "A",
        Sessions(b"another key").draw(),
    ],
    ids=range(11),  # drawn tokens differ in every process, and names of tests must not
)
def test_a_made_up_token_is_not_ours(token: str) -> None:
    assert not SESSIONS.is_ours(token)


def test_a_changed_token_is_not_ours() -> None:
    token = SESSIONS.draw()
    for place in range(42):  # the last character carries bits that base64 ignores
        other = "B" if token[place] != "B" else "C"
        assert not SESSIONS.is_ours(token[:place] + other + token[place + 1 :])


def test_the_same_start_draws_the_same_token() -> None:
    assert SESSIONS.draw("ab" * 32) == SESSIONS.draw("ab" * 32) != SESSIONS.draw("cd" * 32)


def test_a_form_belongs_to_one_session() -> None:
    mine, other = SESSIONS.draw(), SESSIONS.draw()
    form = SESSIONS.draw_form(mine)
    assert SESSIONS.form_name(form, mine) == form.split(".")[0]
    assert SESSIONS.form_name(form, other) is None
    assert SESSIONS.form_name(form, None) is None
    assert SESSIONS.form_name("x.y", mine) is None
    assert SESSIONS.form_name("\ud800", mine) is None


def test_the_form_that_began_a_session_may_be_sent_again() -> None:
    form = SESSIONS.draw_form(None)
    name = SESSIONS.form_name(form, None)
    assert name is not None
    assert SESSIONS.form_name(form, SESSIONS.draw(name)) == name
    assert SESSIONS.form_name(form, SESSIONS.draw()) is None
