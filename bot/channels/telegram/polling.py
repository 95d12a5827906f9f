"""Polling: Telegram is asked for updates, where there is no public address for a webhook."""

import asyncio

import structlog
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.channels.telegram.api import TelegramBot
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.outcome import backoff, name_of, seconds_of
from bot.channels.telegram.status import Status
from bot.channels.telegram.updates import BadUpdateError
from bot.core.refused import Unavailable

log = structlog.get_logger()
TRIES_OF_ONE_UPDATE = 5


class Poller:
    """One at a time: the channel starts it once, and Telegram itself ends the older of two."""

    def __init__(self, bot: TelegramBot, intake: Intake, status: Status, *, wait: int = 25) -> None:
        self.bot, self.intake, self.status, self.wait = bot, intake, status, wait
        self._failures = 0
        self._offset = 0
        self._stuck = (0, 0)

    async def run(self) -> None:
        """Ask, store, and only then ask for more, which is what confirms to Telegram; until cancelled."""
        while True:
            try:
                updates = await self.bot.updates(self._offset, wait=self.wait)
                self.status.ready()
                for update in updates:
                    await self._store(update)
                self._failures = 0
            except RetryAfter as error:
                await self._rest("too_many_requests", seconds_of(error))
            except Conflict:
                # Another desk polls, or somebody set a webhook. Waiting lets one of the two go on undisturbed.
                await self._rest("another_poller", 5 + backoff(self._failures))
            except (TelegramError, Unavailable) as error:
                name = name_of(error) if isinstance(error, TelegramError) else "store_unavailable"
                await self._rest(name, backoff(self._failures))

    async def _store(self, update: object) -> None:
        """Store one update and move past it. One that fails by our own mistake is left behind after some tries."""
        update_id = update.get("update_id") if isinstance(update, dict) else None
        try:
            await self.intake.take(update, in_order=True)
        except BadUpdateError:
            log.error("telegram.no_update")
        except Unavailable:
            raise
        except Exception:
            log.exception("telegram.update_failed", update=update_id)
            if not self._give_up(update_id):
                raise Unavailable("tried again") from None
        if isinstance(update_id, int):
            self._offset = max(self._offset, update_id + 1)

    def _give_up(self, update_id: object) -> bool:
        known = update_id if isinstance(update_id, int) else -1
        self._stuck = (known, self._stuck[1] + 1 if self._stuck[0] == known else 1)
        return self._stuck[1] >= TRIES_OF_ONE_UPDATE

    async def _rest(self, problem: str, seconds: float) -> None:
        self._failures += 1
        self.status.failed(problem)
        log.warning("telegram.polling_rests", seconds=round(seconds, 1), problem=problem)
        await asyncio.sleep(seconds)
