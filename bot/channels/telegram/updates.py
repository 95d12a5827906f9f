"""Telegram's updates read as the desk's messages: pure, and without a word of a name or username.

Updates are read as plain JSON and not through the Telegram library, so that one malformed or future update cannot stop
the others (promises.md, B14-B21).
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.kinds import FOREIGN, SERVICE, kind_of_content
from bot.core.commands import Commands
from bot.core.message import IncomingMessage, Kind
from bot.core.text import clean

CHOSEN = "chosen"  # callback data of the button that marks a choice already made; pressing it does nothing
HIGHEST_UPDATE_ID = 2**63 - 1  # what the database can hold; Telegram's own are far below
_BUTTON_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOPIC = re.compile(r"([a-z0-9_]+)-([a-z0-9_]+)")

Json = Mapping[str, Any]


class BadUpdateError(ValueError):
    """Not an update at all, or its id is none: nothing that Telegram would send."""


@dataclass(frozen=True)
class Press:
    """A pressed button, to be answered once. `title` is what the button said, None where Telegram does not tell."""

    query_id: str
    chat_id: int | None = None
    message_id: int | None = None
    title: str | None = None


@dataclass(frozen=True)
class Heard:
    """What an update means. `group` is the id of a group chat that should be pointed to the private chat."""

    update_id: int
    message: IncomingMessage | None = None
    press: Press | None = None
    group: int | None = None
    language: str | None = None


class UpdateReader:
    """`key` hashes chat ids; `is_emergency(text)` decides whether a stranger's words are kept (see `_foreign`)."""

    def __init__(self, bot_id: str, key: bytes, commands: Commands, is_emergency: Callable[[str], bool]) -> None:
        self.bot_id, self.key, self.commands, self.is_emergency = bot_id, key, commands, is_emergency

    def read(self, update: object) -> Heard:
        """What `update` means; raises BadUpdateError and nothing else."""
        if not isinstance(update, dict):
            raise BadUpdateError("an update is a JSON object")
        update_id = update.get("update_id")
        if not isinstance(update_id, int) or isinstance(update_id, bool) or not 0 <= update_id <= HIGHEST_UPDATE_ID:
            raise BadUpdateError("an update's id is a whole number, not negative and below 2^63")
        readers = {"message": self._message, "edited_message": self._edited, "callback_query": self._pressed}
        for kind, content in update.items():
            if kind != "update_id" and isinstance(content, dict):
                return readers.get(kind, self._other)(update_id, content)
        return Heard(update_id)

    def _message(self, update_id: int, content: Json) -> Heard:
        chat_id = _private_chat(content)
        language = _language(content)
        if chat_id is None:
            return Heard(update_id, group=_group_chat(content), language=language)
        if _object(content, "from").get("is_bot") is True:
            return Heard(update_id)
        return Heard(update_id, self._incoming(update_id, chat_id, language, **self._said(content)), language=language)

    def _said(self, content: Json) -> dict[str, Any]:
        text, foreign = _text(content), next((name for key, name in FOREIGN.items() if key in content), None)
        if foreign:
            return self._foreign(foreign, text)
        if isinstance(content.get("text"), str):
            return self._command(text) or {"text": text}
        if SERVICE & content.keys():
            return {"kind": Kind.IGNORED}
        return {"kind": Kind.UNSUPPORTED, "text": text, "unsupported": kind_of_content(content)}

    def _foreign(self, name: str, text: str) -> dict[str, Any]:
        """Words of somebody else (forwarded, through another bot) are not kept, unless they call for help: then the
        resident gets the emergency notice, and the words are the reason for it."""
        return {"kind": Kind.UNSUPPORTED, "unsupported": name, "text": text if text and self.is_emergency(text) else ""}

    def _command(self, text: str) -> dict[str, Any] | None:
        found = self.commands.find(text) if text.startswith("/") else None
        if found is None:
            return None
        topic = _TOPIC.fullmatch(found.argument) if found.name == "start" else None
        argument = f"{topic[1]}/{topic[2]}" if topic else found.argument  # a deep link cannot carry a slash
        return {"kind": Kind.COMMAND, "text": text, "command": found.name, "argument": argument}

    def _edited(self, update_id: int, content: Json) -> Heard:
        """A changed text is kept and not run again; a live location that moves on is ignored."""
        chat_id = _private_chat(content)
        if chat_id is None:
            return Heard(update_id)
        text = "" if any(key in content for key in FOREIGN) else _text(content)
        kind = Kind.EDIT if text else Kind.IGNORED
        return Heard(update_id, self._incoming(update_id, chat_id, _language(content), kind=kind, text=text))

    def _pressed(self, update_id: int, query: Json) -> Heard:
        message = query.get("message")
        chat_id = _private_chat(message) if isinstance(message, dict) else _id(_object(query, "from"))
        data, press = query.get("data"), _press(query, chat_id)
        if chat_id is None or data == CHOSEN:
            return Heard(update_id, press=press)
        button = data if isinstance(data, str) and _BUTTON_ID.fullmatch(data) else ""
        incoming = self._incoming(update_id, chat_id, _language(query), kind=Kind.BUTTON, button=button)
        return Heard(update_id, incoming, press=press)

    def _other(self, update_id: int, content: Json) -> Heard:
        """Joins, blocks, reactions and kinds yet to come: noted where they belong to a private chat."""
        chat_id = _private_chat(content)
        if chat_id is None:
            return Heard(update_id)
        return Heard(update_id, self._incoming(update_id, chat_id, _language(content), kind=Kind.IGNORED))

    def _incoming(self, update_id: int, chat_id: int, language: str | None, **values: Any) -> IncomingMessage:
        return IncomingMessage(
            channel="telegram",
            chat_key=chat_key(self.key, chat_id),
            chat_ref=str(chat_id),
            sequence=update_id,
            external_id=f"{self.bot_id}:{update_id}",
            language_hint=language,
            **values,
        )


def chat_key(key: bytes, chat_id: int) -> str:
    """What finds a chat's conversation and cannot be turned back into the chat: HMAC-SHA256, hexadecimal."""
    return hmac.new(key, f"telegram:{chat_id}".encode(), hashlib.sha256).hexdigest()


def _press(query: Json, chat_id: int | None) -> Press | None:
    query_id, message = query.get("id"), _object(query, "message")
    if not isinstance(query_id, str) or not query_id:
        return None
    message_id = message.get("message_id")
    known = isinstance(message_id, int) and not isinstance(message_id, bool)
    return Press(query_id, chat_id, message_id if known else None, _title(message, query.get("data")))


def _title(message: Json, data: object) -> str | None:
    rows = _object(message, "reply_markup").get("inline_keyboard")
    for row in rows if isinstance(rows, list) else ():
        for button in row if isinstance(row, list) else ():
            if isinstance(button, dict) and button.get("callback_data") == data and isinstance(button.get("text"), str):
                return str(button["text"])
    return None


def _private_chat(content: Json) -> int | None:
    chat = _object(content, "chat")
    return _id(chat) if chat.get("type") == "private" else None


def _group_chat(content: Json) -> int | None:
    chat = _object(content, "chat")
    human = _object(content, "from").get("is_bot") is not True
    return _id(chat) if chat.get("type") in ("group", "supergroup") and human else None


def _id(holder: Json) -> int | None:
    value = holder.get("id")
    return value if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 64 else None


def _text(content: Json) -> str:
    text = content.get("text", content.get("caption"))
    return clean(text) if isinstance(text, str) else ""


def _language(content: Json) -> str | None:
    code = _object(content, "from").get("language_code")
    return code.split("-")[0].casefold()[:8] if isinstance(code, str) and code else None


def _object(holder: Json, key: str) -> Json:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}
