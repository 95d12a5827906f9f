"""bot/core/contact.py and confirm.py: what residents type when asked how to reach them, and for a yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.confirm import Confirm, read_confirm
from bot.core.contact import THIS_CHAT, Contact, ContactProblem, about_problem, read_contact


@pytest.mark.parametrize(
    "typed, value",
    [
        ("555-0134", "555-0134"),
        ("5550134", "555-0134"),
        ("(312) 555-0134", "(312) 555-0134"),
        ("312.555.0134", "(312) 555-0134"),
        ("+1 312 555 0134", "(312) 555-0134"),
        ("1-312-555-0134", "(312) 555-0134"),
        ("you can call 312 555 0134 after 5 pm", "(312) 555-0134"),
        ("３１２５５５０１３４", "(312) 555-0134"),
        ("٣١٢٥٥٥٠١٣٤", "(312) 555-0134"),
        ("me@example.org", "me@example.org"),
        ("my mail is first.last+police@mail.example.org thanks", "first.last+police@mail.example.org"),
        ("This chat", THIS_CHAT),
        ("here!", THIS_CHAT),
        ("Por aquí", THIS_CHAT),
        ("este chat.", THIS_CHAT),
    ],
)
def test_contacts(typed: str, value: str):
    assert read_contact(typed) == Contact(value)


@pytest.mark.parametrize(
    "typed, problem",
    [
        ("call me", ContactProblem.UNREADABLE),
        ("five five five", ContactProblem.UNREADABLE),
        ("555-CALL-NOW", ContactProblem.TOO_SHORT),
        ("me@", ContactProblem.UNREADABLE),
        ("me@example", ContactProblem.UNREADABLE),
        ("123", ContactProblem.TOO_SHORT),
        ("4" * 40, ContactProblem.TOO_LONG),
        ("911", ContactProblem.EMERGENCY),
        ("9-1-1", ContactProblem.EMERGENCY),
        ("٩١١", ContactProblem.EMERGENCY),
        ("112", ContactProblem.EMERGENCY),
        ("988", ContactProblem.EMERGENCY),
        ("900 555 0134", ContactProblem.PREMIUM),
        ("+52 55 1234 5678", ContactProblem.ABROAD),
        ("+44 20 7946 0000", ContactProblem.ABROAD),
        ("011 52 55 1234 5678", ContactProblem.ABROAD),
        ("012 345 6789", ContactProblem.UNREADABLE),
        ("12345678", ContactProblem.UNREADABLE),
    ],
)
def test_what_cannot_be_used_says_why(typed: str, problem: ContactProblem):
    assert read_contact(typed) is problem


@given(st.text(max_size=2000))
def test_no_text_breaks_it_and_a_kept_contact_is_kept_again(text: str):
    found = read_contact(text)
    if isinstance(found, Contact):
        assert read_contact(found.value) == found


@pytest.mark.parametrize(
    "text, problem",
    [("", "too_short"), ("?!?!?!", "too_short"), ("bike", "too_short"), ("a bike", None), ("x" * 1000, None),
     ("x" * 1001, "too_long")],
)
def test_what_a_message_is_about_has_a_length(text: str, problem: str | None):
    assert about_problem(text) == problem


@pytest.mark.parametrize(
    "text, answer",
    [
        ("yes", Confirm.YES), ("Sí", Confirm.YES), ("OK!", Confirm.YES), ("yes please", Confirm.YES),
        ("no", Confirm.NO), ("NO, gracias", Confirm.NO), ("change", Confirm.CHANGE), ("cambiarlo", Confirm.CHANGE),
        ("yes and no", None), ("maybe", None), ("", None), ("human", None), ("stop", None), ("cancel", None),
    ],
)
def test_yes_no_and_change(text: str, answer: Confirm | None):
    assert read_confirm(text) is answer
