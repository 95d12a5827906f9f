"""Where messages go, which words are commands, and the rules of a handoff."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.commands import NAMES, Command, Commands, plain
from bot.core.freshness import is_stale
from bot.core.handoff import Handoff, HandoffReason, HandoffStatus, cancel, claim, end
from bot.core.message import Kind, Owner
from bot.core.refused import Refused
from bot.core.routing import Arrived, Route, route
from bot.department_files import read_commands
from tests.conftest import ROOT

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TEXT = Arrived(Kind.TEXT, False, None, False)
HUMAN, STOP = Command("human"), Command("stop")


@pytest.mark.parametrize(
    ("message", "owner", "expected"),
    [
        (TEXT, Owner.ASSISTANT, Route.ENGINE),
        (TEXT, Owner.WAITING, Route.STAFF),
        (TEXT, Owner.STAFF, Route.STAFF),
        (Arrived(Kind.TEXT, False, HUMAN, False), Owner.ASSISTANT, Route.COMMAND),
        (Arrived(Kind.TEXT, False, HUMAN, False), Owner.STAFF, Route.STAFF),
        (Arrived(Kind.TEXT, False, STOP, False), Owner.STAFF, Route.COMMAND),
        (Arrived(Kind.TEXT, False, None, True), Owner.ASSISTANT, Route.NONE),
        (Arrived(Kind.TEXT, False, None, True), Owner.STAFF, Route.STAFF),
        (Arrived(Kind.TEXT, True, None, False), Owner.ASSISTANT, Route.EMPTY),
        (Arrived(Kind.BUTTON, True, None, False), Owner.ASSISTANT, Route.ENGINE),
        (Arrived(Kind.UNSUPPORTED, True, None, False), Owner.ASSISTANT, Route.UNSUPPORTED),
        (Arrived(Kind.UNSUPPORTED, True, None, False), Owner.STAFF, Route.STAFF),
        (Arrived(Kind.EDIT, False, None, True), Owner.ASSISTANT, Route.NONE),
        (Arrived(Kind.IGNORED, False, HUMAN, False), Owner.STAFF, Route.NONE),
    ],
)
def test_route(message: Arrived, owner: Owner, expected: Route):
    assert route(message, owner) is expected


@pytest.mark.parametrize(
    ("text", "name", "language"),
    [
        ("human", "human", "en"),
        ("  HUMAN!! ", "human", "en"),
        ("¡Quiero hablar con una persona!", "human", "es"),
        ("/human please", "human", None),
        ("/human@ExampleBot", "human", None),
        ("menu", "help", None),
        ("parar", "stop", "es"),
        ("delete my data", "delete_data", "en"),
        ("español", "language", "es"),
    ],
)
def test_whole_messages_and_slashes_are_commands(text: str, name: str, language: str | None):
    found = read_commands(ROOT).find(text)
    assert found is not None
    assert (found.name, found.language) == (name, language)


@pytest.mark.parametrize(
    "text", ["a human hit my car", "/restart", "stop sign is down on elm street", "", "/", "how do i cancel my permit"]
)
def test_a_word_inside_a_sentence_is_no_command(text: str):
    assert read_commands(ROOT).find(text) is None


def test_every_command_has_words_in_every_language():
    commands = read_commands(ROOT)
    pressed_only = {"confirm_delete", "keep_data", "start"}
    for name in set(NAMES) - pressed_only:
        languages = {commands.find(phrase).language for phrase in commands.phrases_of(name)}  # type: ignore[union-attr]
        assert languages - {None} == {"en", "es"}, name


def test_a_command_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="there is no command 'fly'"):
        Commands.from_data([{"language": "en", "commands": {"fly": {"slash": ["fly"]}}}])


def test_plain_drops_case_accents_and_punctuation():
    assert plain("¿Qué   PUEDES hacer?") == "que puedes hacer"


@pytest.mark.parametrize(
    ("turns", "minutes", "form", "expected"),
    [(1, 0, None, False), (60, 0, None, True), (1, 30, None, True), (99, 99, "leave_message_form", False)],
)
def test_is_stale(turns: int, minutes: int, form: str | None, expected: bool):
    last = NOW - timedelta(minutes=minutes)
    assert (
        is_stale(turns=turns, last_at=last, now=NOW, form=form, most_turns=60, idle=timedelta(minutes=30)) is expected
    )


def waiting() -> Handoff:
    return Handoff("h1", "c1", HandoffStatus.WAITING, HandoffReason.ASKED, None, "records", "", False, NOW)


def test_only_a_waiting_handoff_can_be_claimed():
    claimed = claim(waiting(), staff_id="sam", now=NOW)
    assert (claimed.status, claimed.staff_id, claimed.claimed_at) == (HandoffStatus.CLAIMED, "sam", NOW)
    with pytest.raises(Refused, match="already helping"):
        claim(claimed, staff_id="kim", now=NOW)


def test_only_the_claimant_can_end_it():
    claimed = claim(waiting(), staff_id="sam", now=NOW)
    with pytest.raises(Refused, match="Someone else"):
        end(claimed, staff_id="kim", status=HandoffStatus.RESOLVED, now=NOW)
    with pytest.raises(Refused, match="not being helped"):
        end(waiting(), staff_id="sam", status=HandoffStatus.RESOLVED, now=NOW)
    assert end(claimed, staff_id="sam", status=HandoffStatus.RETURNED, now=NOW).ended_at == NOW
    assert cancel(waiting(), now=NOW).status is HandoffStatus.CANCELLED
