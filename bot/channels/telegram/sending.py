"""Sends a reply, part by part. A part that Telegram took, or may have taken, is never sent again."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

import structlog
from telegram import LinkPreviewOptions
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram import rendering
from bot.channels.telegram.api import TelegramBot
from bot.channels.telegram.limiter import Lane, Limiter
from bot.channels.telegram.outcome import of_error
from bot.channels.telegram.status import Status
from bot.core.message import Author, Delivery, DeliveryState, OutgoingMessage
from bot.desk.words import Words

log = structlog.get_logger()
MOST_UNFINISHED = 10_000
TRIES_AT_ONCE = 3
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass
class Progress:
    """How far a message in several parts got: the provider's ids, "?" where its answer was lost."""

    ids: list[str] = field(default_factory=list)


class Sender:
    """Remembers unfinished messages, so that the outbox's next try goes on where the last one stopped."""

    def __init__(self, bot: TelegramBot, limiter: Limiter, words: Words, status: Status) -> None:
        self.bot, self.limiter, self.words, self.status = bot, limiter, words, status
        self._unfinished: OrderedDict[str, Progress] = OrderedDict()

    async def send(self, message: OutgoingMessage) -> Delivery:
        """Send `message`; see Delivery for what each outcome means. Raises nothing but cancellation."""
        texts = rendering.parts(message, self.words)
        if not texts:
            return Delivery(DeliveryState.FAILED, error="message_text_is_empty")
        progress = self._progress(message.message_id)
        for number in range(len(progress.ids), len(texts)):
            last = number == len(texts) - 1
            delivery = await self._send_part(message, texts[number], with_buttons=last)
            if delivery.state in (DeliveryState.WAITING, DeliveryState.FAILED):
                if delivery.state is DeliveryState.FAILED:
                    self._unfinished.pop(message.message_id, None)
                return delivery
            progress.ids.append(delivery.provider_id or "?")
        self._unfinished.pop(message.message_id, None)
        unknown = "?" in progress.ids
        state = DeliveryState.UNKNOWN if unknown else DeliveryState.SENT
        return Delivery(state, provider_id=",".join(progress.ids)[:64], error="answer_lost" if unknown else None)

    async def send_at_once(self, chat_ref: str, text: str) -> None:
        """An emergency notice past the outbox and every limit; tried three times, for nothing else will repeat it."""
        for _ in range(TRIES_AT_ONCE):
            try:
                await self.bot.send_message(int(chat_ref), text, link_preview_options=NO_PREVIEW)
                return
            except TelegramError as error:
                delivery = of_error(error)
                log.error("telegram.emergency_notice_failed", error=delivery.error)
                if delivery.state is not DeliveryState.WAITING:
                    return
                await asyncio.sleep(min(delivery.retry_after or 0.3, 1.0))

    async def _send_part(self, message: OutgoingMessage, text: str, *, with_buttons: bool) -> Delivery:
        lane = Lane.NOTICE if message.author is Author.NOTICE else Lane.REPLY
        wait = await self.limiter.turn(message.chat_ref, lane)
        if wait:
            return Delivery(DeliveryState.WAITING, retry_after=wait, error="too_many_requests")
        try:
            sent = await self.bot.send_message(
                int(message.chat_ref),
                text,
                reply_markup=rendering.keyboard(message.buttons) if with_buttons else None,
                link_preview_options=NO_PREVIEW,
            )
        except TelegramError as error:
            return self._failed(message, error)
        self.status.worked()
        return Delivery(DeliveryState.SENT, provider_id=str(sent.message_id))

    def _failed(self, message: OutgoingMessage, error: TelegramError) -> Delivery:
        delivery = of_error(error)
        if isinstance(error, RetryAfter):
            # Telegram asks us to wait after a 429; sending sooner gets the bot muted for everyone.
            self.limiter.pause(message.chat_ref, delivery.retry_after)
        elif delivery.state in (DeliveryState.WAITING, DeliveryState.UNKNOWN):
            self.status.failed(delivery.error or "failed")
        return delivery

    def _progress(self, message_id: str) -> Progress:
        if not message_id:  # an emergency notice without a row of its own
            return Progress()
        progress = self._unfinished.setdefault(message_id, Progress())
        self._unfinished.move_to_end(message_id)
        while len(self._unfinished) > MOST_UNFINISHED:
            self._unfinished.popitem(last=False)
        return progress
