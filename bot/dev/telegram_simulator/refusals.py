"""What Telegram refuses, in Telegram's own words."""

import json
import re
from typing import Any

from bot.dev.telegram_simulator.api_error import bad_request
from bot.dev.telegram_simulator.html import plain_text

LONGEST_TEXT = 4096  # UTF-16 code units, after entities
LONGEST_CALLBACK_DATA = 64  # bytes
LONGEST_CALLBACK_ANSWER = 200
MOST_BUTTONS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def checked_text(text: Any, parse_mode: str | None) -> str:
    """`text` as the chat will show it: entities parsed, ends trimmed. Raises ApiError."""
    text = text if isinstance(text, str) else ""
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode (the simulator knows HTML only)")
        text = plain_text(text)
    if not text.strip():
        raise bad_request("message text is empty")
    if utf16_length(text.strip()) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return str(text).strip()


def utf16_length(text: str) -> int:
    """How long Telegram finds `text`: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def checked_keyboard(markup: Any) -> list[list[dict[str, Any]]]:
    """The rows of an inline keyboard; empty for none. Raises ApiError."""
    document = parsed(markup, "reply keyboard markup") if markup else {}
    if not isinstance(document, dict):
        raise bad_request("object expected as reply markup")
    rows = document.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array')
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return [[_checked_button(button) for button in row] for row in rows if row]


def _checked_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad_request('can\'t parse inline keyboard button: field "text" must be a non-empty String')
    data, url = button.get("callback_data"), button.get("url")
    if data is None and url is None:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if data is not None and not 1 <= len(str(data).encode("utf-8", "surrogatepass")) <= LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and not re.match(r"(https?|tg)://", str(url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    return button


def checked_commands(value: Any) -> list[dict[str, str]]:
    """The commands of setMyCommands. Raises ApiError."""
    commands = parsed(value or "[]", "commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("expected an Array of at most 100 BotCommand")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def checked_webhook(url: str, secret: str) -> None:
    """Telegram's rules for webhooks; like a local Bot API server, plain http is fine on loopback."""
    loopback = re.match(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", url)
    if not loopback and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    port = re.match(r"https://[^/]*:(\d+)(/|$)", url)
    if port and port[1] not in {"80", "88", "443", "8443"}:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")


def parsed(value: Any, what: str) -> Any:
    """A parameter that is JSON, whether it came inside a JSON body or as form text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {what} JSON object") from None


def whole_number(value: Any, default: int | None = None) -> int:
    """A parameter that is a whole number. Raises ApiError."""
    if value in (None, "") and default is not None:
        return default
    try:
        return int(str(value))
    except ValueError:
        raise bad_request("can't parse a number") from None
