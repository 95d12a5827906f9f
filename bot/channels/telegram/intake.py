"""An update on its way in: read, stored by the desk, and only then acknowledged; courtesies to Telegram come after."""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Protocol

import structlog
from telegram.error import TelegramError

from bot.channels.telegram import rendering
from bot.channels.telegram.api import TelegramBot
from bot.channels.telegram.gaps import Gaps
from bot.channels.telegram.limiter import Lane, Limiter
from bot.channels.telegram.outcome import name_of
from bot.channels.telegram.status import Status
from bot.channels.telegram.updates import Heard, Press, UpdateReader
from bot.core.message import IncomingMessage
from bot.core.refused import Refused
from bot.desk.words import Words

log = structlog.get_logger()


class Receives(Protocol):
    """The desk, as far as a channel's inbound side needs it."""

    async def receive(self, incoming: IncomingMessage) -> Any: ...


class Once:
    """True the first time a key is seen; the oldest keys are forgotten so that memory is bounded."""

    def __init__(self, most: int = 10_000) -> None:
        self._seen: OrderedDict[object, None] = OrderedDict()
        self._most = most

    def first(self, key: object) -> bool:
        if key in self._seen:
            return False
        self._seen[key] = None
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True


class Intake:
    """`take` is safe to call with the same update many times, at once and after a restart."""

    def __init__(
        self,
        desk: Receives,
        reader: UpdateReader,
        bot: TelegramBot,
        limiter: Limiter,
        words: Words,
        status: Status,
        *,
        hold: float,
    ) -> None:
        self.desk, self.reader, self.bot, self.limiter, self.words, self.status = (
            desk,
            reader,
            bot,
            limiter,
            words,
            status,
        )
        self.hold = hold
        self.gaps = Gaps(hold * 4)
        self._once = Once()
        self._courtesies: set[asyncio.Task[None]] = set()

    async def take(self, update: object, *, in_order: bool = False) -> None:
        """Store what `update` says and return once it is committed. Raises BadUpdateError and Unavailable.

        `in_order` True: earlier updates are stored already (polling). Otherwise an update is held for a moment while an
        earlier one may still be on its way.
        """
        heard = self.reader.read(update)
        if heard.message:
            is_next = in_order or self.gaps.is_next(heard.update_id)
            await self._store(replace(heard.message, held=0.0 if is_next else self.hold))
        self.gaps.stored(heard.update_id)
        self._be_courteous(heard)

    async def _store(self, incoming: IncomingMessage) -> None:
        try:
            await self.desk.receive(incoming)
        except Refused as refusal:
            if refusal.code == "conflict":
                self.status.conflicts += 1
                log.error("telegram.update_changed", update=incoming.external_id)  # the first is kept
            elif refusal.code == "too_long":
                self._later(
                    self._say(int(incoming.chat_ref or 0), self.words.say("too_long", incoming.language_hint or ""))
                )
            else:
                log.warning("telegram.update_refused", update=incoming.external_id, code=refusal.code)

    def _be_courteous(self, heard: Heard) -> None:
        if heard.press and self._once.first(("press", heard.press.query_id)):
            self._later(self._answer_press(heard.press, stored=heard.message is not None))
        if heard.group is not None and self._once.first(("group", heard.group)):
            self._later(self._say(heard.group, self._pointer(heard.language)))

    def _pointer(self, language: str | None) -> str:
        if self.status.username is None:
            return self.words.say("telegram_group_no_link", language or "")
        return self.words.say("telegram_group", language or "", link=f"https://t.me/{self.status.username}")

    async def _answer_press(self, press: Press, *, stored: bool) -> None:
        """Stop the button's clock, then mark the choice. Telegram refuses both when they come late; that is no harm."""
        await self._try(self.bot.answer_callback_query(press.query_id))
        if stored and press.chat_id is not None and press.message_id is not None:
            await self._try(
                self.bot.edit_message_reply_markup(
                    chat_id=press.chat_id, message_id=press.message_id, reply_markup=rendering.chosen(press.title)
                )
            )

    async def _say(self, chat_id: int, text: str) -> None:
        if not await self.limiter.turn(str(chat_id), Lane.REPLY):
            await self._try(self.bot.send_message(chat_id, text))

    async def _try(self, call: Coroutine[Any, Any, Any]) -> None:
        try:
            await call
        except TelegramError as error:
            log.info("telegram.courtesy_failed", error=name_of(error))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    async def stop(self, seconds: float = 2.0) -> None:
        """Give courtesies under way a moment, then drop them."""
        if self._courtesies:
            _, unfinished = await asyncio.wait(self._courtesies, timeout=seconds)
            for task in unfinished:
                task.cancel()
