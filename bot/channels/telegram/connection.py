"""Getting and keeping in touch with Telegram, in the background: the desk starts whether or not Telegram answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from telegram import BotCommand
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram.api import ALLOWED_UPDATES, TelegramBot
from bot.channels.telegram.outcome import backoff, name_of, seconds_of
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.status import Status
from bot.core.commands import Commands
from bot.desk.words import Words

log = structlog.get_logger()
MENU = ("help", "human", "assistant", "stop", "language", "mydata", "delete_data")
MAX_CONNECTIONS = 20


class Connection:
    """`webhook_url` empty means polling. `check_seconds`: how often a webhook's health is asked for."""

    def __init__(
        self,
        bot: TelegramBot,
        status: Status,
        poller: Poller,
        words: Words,
        commands: Commands,
        languages: Sequence[str],
        *,
        webhook_url: str,
        secret: str,
        check_seconds: float = 10.0,
    ) -> None:
        self.bot, self.status, self.poller, self.words, self.commands = bot, status, poller, words, commands
        self.languages, self.webhook_url, self.secret, self.check_seconds = (
            languages,
            webhook_url,
            secret,
            check_seconds,
        )

    async def run(self) -> None:
        """Until cancelled."""
        await self._until_done(self._who_am_i)
        await self._until_done(self._set_webhook if self.webhook_url else self.bot.delete_webhook)
        self.status.ready()
        await self._until_done(self._set_commands)
        await (self._watch_webhook() if self.webhook_url else self.poller.run())

    async def _until_done(self, step: Callable[[], Awaitable[object]]) -> None:
        tries = 0
        while True:
            try:
                await step()
                return
            except TelegramError as error:
                wait = seconds_of(error) if isinstance(error, RetryAfter) else backoff(min(tries, 5))
                self.status.failed(name_of(error))
                log.warning("telegram.not_connected", error=name_of(error), seconds=round(wait))
                tries += 1
                await asyncio.sleep(wait)

    async def _who_am_i(self) -> None:
        self.status.username = (await self.bot.get_me()).username

    async def _set_webhook(self) -> None:
        await self.bot.set_webhook(
            self.webhook_url, secret_token=self.secret, allowed_updates=ALLOWED_UPDATES, max_connections=MAX_CONNECTIONS
        )

    async def _watch_webhook(self) -> None:
        """Notice within seconds that Telegram is out of reach, or that somebody else took the webhook."""
        while True:
            await asyncio.sleep(self.check_seconds)
            try:
                info = await self.bot.get_webhook_info()
                self.status.pending = info.pending_update_count
                if info.url != self.webhook_url:
                    log.error("telegram.webhook_changed_elsewhere")  # and is set again
                    await self._set_webhook()
                self.status.ready()
            except TelegramError as error:
                self.status.failed(name_of(error))

    async def _set_commands(self) -> None:
        """The menu beside the text field: in every language, and in the first for all other phones."""
        for language in self.languages:
            menu = self._menu(language)
            if language == self.languages[0]:
                await self.bot.set_my_commands(menu)
            await self.bot.set_my_commands(menu, language_code=language)

    def _menu(self, language: str) -> list[BotCommand]:
        words = ((self.commands.slashes_of(name, language), name) for name in MENU)
        return [
            BotCommand(found[0], self.words.say(f"telegram_command_{name}", language)) for found, name in words if found
        ]
