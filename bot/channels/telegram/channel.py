"""The Telegram channel: the wire in and out, nothing else (docs/telegram.md)."""

import asyncio
import hashlib
import hmac
import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from sanic import Blueprint
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.telegram.api import make_bot
from bot.channels.telegram.connection import Connection
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.limiter import Limiter
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.status import Status
from bot.channels.telegram.updates import UpdateReader
from bot.channels.telegram.webhook import PATH, Webhook
from bot.core.message import Delivery, DeliveryState, IncomingMessage, OutgoingMessage
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.desk.desk import Desk

TYPING_SECONDS = 4.0  # Telegram shows the sign for five
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramChannel:
    """Residents on Telegram. `request_seconds`: how long one call may take before its answer counts as lost."""

    name = "telegram"

    def __init__(
        self, settings: Settings, *, request_seconds: float = 10.0, check_seconds: float = 10.0, poll_seconds: int = 25
    ) -> None:
        self.settings, self.check_seconds, self.poll_seconds = settings, check_seconds, poll_seconds
        self.bot_id = _bot_id(settings.telegram_token.get_secret_value())
        self.secret = webhook_secret(settings)
        self.bot = make_bot(settings, request_seconds=request_seconds)
        self.limiter = Limiter(settings.telegram_per_second)
        self.status = Status("webhook" if settings.telegram_webhook_url else "polling")
        self.webhook = Webhook((self.secret, settings.telegram_webhook_secret_old.get_secret_value()), self.status)
        self._sender: Sender | None = None
        self._intake: Intake | None = None
        self._running: asyncio.Task[None] | None = None
        self._typed: OrderedDict[str, float] = OrderedDict()

    async def start(self, desk: "Desk") -> None:
        """Ready to take and send at once; Telegram itself is called in the background."""
        reader = UpdateReader(
            self.bot_id, self.settings.key(), desk.parts.commands, lambda text: desk.inbox.gate.check(text) is not None
        )
        self._sender = Sender(self.bot, self.limiter, desk.words, self.status)
        self._intake = Intake(
            desk, reader, self.bot, self.limiter, desk.words, self.status, hold=self.settings.telegram_hold
        )
        self.webhook.intake = self._intake
        poller = Poller(self.bot, self._intake, self.status, wait=self.poll_seconds)
        connection = Connection(
            self.bot,
            self.status,
            poller,
            desk.words,
            desk.parts.commands,
            desk.department.languages,
            secret=self.secret,
            webhook_url=_webhook_url(self.settings),
            check_seconds=self.check_seconds,
        )
        self._running = asyncio.create_task(connection.run())

    async def stop(self) -> None:
        """Take nothing more; what Telegram still holds it sends again later."""
        self.webhook.intake = None
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._intake:
            await self._intake.stop()
        for request in self.bot._request:  # Bot.shutdown closes nothing unless Bot.initialize has called Telegram
            await request.shutdown()

    async def send(self, message: OutgoingMessage) -> Delivery:
        """Send one reply; see bot/channels/telegram/sending.py."""
        if self._sender is None:
            return Delivery(DeliveryState.WAITING, retry_after=1.0, error="not_started")
        return await self._sender.send(message)

    async def say_directly(self, incoming: IncomingMessage, text: str) -> None:
        """What the desk says while its database is away: an emergency notice, past every limit."""
        if self._sender and incoming.chat_ref:
            await self._sender.send_at_once(incoming.chat_ref, text)

    async def typing(self, chat_ref: str) -> None:
        """Show that an answer is being written. A sign that gets lost is no harm."""
        now = time.monotonic()
        if now - self._typed.get(chat_ref, -TYPING_SECONDS) < TYPING_SECONDS:
            return
        self._typed[chat_ref] = now
        self._typed.move_to_end(chat_ref)
        while len(self._typed) > 10_000:
            self._typed.popitem(last=False)
        try:
            await self.bot.send_chat_action(int(chat_ref), ChatAction.TYPING)
        except TelegramError:
            return

    def blueprint(self) -> Blueprint | None:
        """The webhook's route; None where the desk polls."""
        return self.webhook.blueprint() if self.settings.telegram_webhook_url else None

    def health(self) -> dict[str, Any]:
        """``{ok, state: ok|starting|failing, mode, problem, pending, ...}``"""
        if self._running and self._running.done():
            self.status.failed("stopped")
        return self.status.document()


def webhook_secret(settings: Settings) -> str:
    """The secret Telegram presents: the one set, else one made from the desk's key, the same after every restart."""
    given = settings.telegram_webhook_secret.get_secret_value()
    if given and not _SECRET.fullmatch(given):
        raise ValueError(
            "FRONTDESK_TELEGRAM_WEBHOOK_SECRET may hold 1 to 256 letters, digits, _ and - (Telegram's rule)."
        )
    return given or hmac.new(settings.key(), b"telegram webhook secret", hashlib.sha256).hexdigest()


def _webhook_url(settings: Settings) -> str:
    base = settings.telegram_webhook_url.rstrip("/")
    return base if not base or base.endswith(PATH) else base + PATH


def _bot_id(token: str) -> str:
    bot_id, _, secret = token.partition(":")
    if not bot_id.isdigit() or not secret:
        raise ValueError("FRONTDESK_TELEGRAM_TOKEN does not look like a token from @BotFather (123456:letters).")
    return bot_id
