"""The Telegram library set up for the desk: quiet about tokens and texts, and updates as plain JSON."""

import json
import logging
import os
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.settings import Settings

# What the desk asks Telegram to send. The rest (inline queries, payments, channel posts) would only be thrown away.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")


class QuietRequest(HTTPXRequest):
    """The library logs an answer it cannot parse, word for word; an answer repeats what a resident reads."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None


class TelegramBot(Bot):
    """The library's Bot, and `updates` beside its own get_updates."""

    async def updates(self, offset: int, *, wait: int) -> list[Any]:
        """Undelivered updates from `offset` on, as Telegram sent them; waits up to `wait` seconds for the first.

        The library's own method parses all of a batch or nothing: one update it cannot read would block the rest.
        """
        asked = {"offset": offset, "timeout": wait, "allowed_updates": list(ALLOWED_UPDATES)}
        found = await self._post("getUpdates", asked, read_timeout=wait + 10)
        return found if isinstance(found, list) else []


def make_bot(settings: Settings, *, request_seconds: float = 10.0) -> TelegramBot:
    """A bot for the token in `settings`. Nothing is sent yet."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(
            logging.WARNING
        )  # at INFO httpx writes the token, which is part of the address
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # else every 429 comes with a warning about a change of types
    base = settings.telegram_api_url.rstrip("/")
    # Telegram is reached directly or through the proxy settings of the environment, as httpx reads them.
    request, polling = _request(32, request_seconds), _request(1, request_seconds)
    return TelegramBot(
        settings.telegram_token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request,
        get_updates_request=polling,
    )


def _request(connections: int, seconds: float) -> QuietRequest:
    return QuietRequest(
        connections,
        read_timeout=seconds,
        write_timeout=seconds,
        connect_timeout=min(5.0, seconds),
        pool_timeout=seconds,
    )
