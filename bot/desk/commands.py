"""What the desk answers to commands, without the engine."""

from collections.abc import Mapping
from typing import Any

from bot.core.commands import Command
from bot.core.effects import HandoffRequested
from bot.core.handoff import HandoffReason
from bot.core.message import Button, Owner, Reply
from bot.desk.outcome import Outcome
from bot.desk.parts import Parts


def obey(parts: Parts, conversation: Mapping[str, Any], command: Command, *, left_open: int = 0) -> Outcome:
    """The outcome of `command`. `left_open`: messages the resident left for a unit that are not dealt with yet."""
    language = parts.words.known(conversation["language"])
    if command.name == "language":
        return _language(parts, language, command.argument)
    if command.name in {"delete_data", "confirm_delete"}:
        return _delete(parts, conversation, language, command.name, left_open)
    if command.name in {"assistant", "stop"}:
        return _leave(parts, conversation, language, command.name)
    if command.name == "human":
        return _human(conversation)
    key = {"start": "greeting", "keep_data": "delete_kept"}.get(command.name, command.name)
    return Outcome(replies=[Reply(parts.words.say(key, language))])


def _human(conversation: Mapping[str, Any]) -> Outcome:
    return Outcome(effects=[HandoffRequested(reason=HandoffReason.ASKED.value)], fresh=conversation["form"] is None)


def _leave(parts: Parts, conversation: Mapping[str, Any], language: str, name: str) -> Outcome:
    if conversation["owner"] != Owner.ASSISTANT.value:
        key = "assistant_again" if name == "assistant" else "stopped_waiting"
        reply = Reply(parts.words.say(key, language), divider=True)
        return Outcome(replies=[reply], cancel_handoff=True, fresh=True)
    if name == "assistant":
        return Outcome(replies=[Reply(parts.words.say("assistant_already", language))])
    key = "stopped" if conversation["form"] else "nothing_to_stop"
    return Outcome(replies=[Reply(parts.words.say(key, language))], fresh=True)


def _language(parts: Parts, language: str, wanted: str) -> Outcome:
    words = parts.words
    if wanted in words.department.languages:
        return Outcome(replies=[Reply(words.say("language_set", wanted))], language=wanted, language_chosen=True)
    choices = tuple(
        Button(words.say("language_name", one), command="language", value=one) for one in words.department.languages
    )
    key = "language_unknown" if wanted else "language_ask"
    return Outcome(replies=[Reply(words.say(key, language), buttons=choices)])


def _delete(parts: Parts, conversation: Mapping[str, Any], language: str, name: str, left_open: int) -> Outcome:
    words = parts.words
    if conversation["owner"] != Owner.ASSISTANT.value:
        return Outcome(replies=[Reply(words.say("delete_waiting", language))])
    if name == "delete_data":
        choices = (
            Button(words.say("delete_yes", language), command="confirm_delete"),
            Button(words.say("delete_no", language), command="keep_data"),
        )
        return Outcome(replies=[Reply(words.say("delete_ask", language), buttons=choices)])
    done = (
        words.say("delete_done_kept", language, count=str(left_open))
        if left_open
        else words.say("delete_done", language)
    )
    return Outcome(replies=[Reply(done)], purge=True, fresh=True)
