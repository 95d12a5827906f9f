"""Pushes updates to the webhook as Telegram does: again and again, with the same id, until it is answered with 2xx."""

import asyncio
import time
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.dev.telegram_simulator.faults import Faults
from bot.dev.telegram_simulator.world import Webhook, World

PATIENCE_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 60.0


class WebhookPusher:
    """One task per undelivered update, at most `max_connections` requests at a time."""

    def __init__(self, world: World, faults: Faults, *, scale: float = 1.0) -> None:
        self.world, self.faults, self.scale = world, faults, scale
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._again: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Push until cancelled."""
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE_SECONDS * self.scale)) as session:
            with self.world.watched() as changed:
                hook, room = self.world.webhook, asyncio.Semaphore(1)
                while True:
                    if hook is not self.world.webhook:
                        hook = self.world.webhook
                        self._stop_all()
                        room = asyncio.Semaphore(hook.max_connections)
                    if hook.url:
                        self._begin_new(session, hook, room)
                    await changed.wait()
                    changed.clear()

    def _begin_new(self, session: ClientSession, hook: Webhook, room: asyncio.Semaphore) -> None:
        for key in sorted(self.world.pending):
            if key not in self._tasks:
                self._tasks[key] = asyncio.create_task(self._push_until_taken(session, hook, room, key))

    def _stop_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    async def _push_until_taken(self, session: ClientSession, hook: Webhook, room: asyncio.Semaphore, key: int) -> None:
        update, tries = self.world.pending[key], 0
        await asyncio.sleep(self.faults.dice.random() * self.faults.reorder)
        while key in self.world.pending:
            async with room:
                taken = await asyncio.gather(*(self._push(session, hook, update) for _ in range(self.faults.copies)))
            if any(taken):
                self.world.pending.pop(key, None)
                self._tasks.pop(key, None)
                self._perhaps_again(session, hook, update)
                return
            tries += 1
            await asyncio.sleep(min(2.0 ** (tries - 1), LONGEST_WAIT_SECONDS) * self.scale)

    def _perhaps_again(self, session: ClientSession, hook: Webhook, update: dict[str, Any]) -> None:
        if self.faults.dice.random() < self.faults.duplicate:
            task = asyncio.create_task(self._push_later(session, hook, update))
            self._again.add(task)
            task.add_done_callback(self._again.discard)

    async def _push_later(self, session: ClientSession, hook: Webhook, update: dict[str, Any]) -> None:
        await asyncio.sleep(self.faults.dice.random() * self.scale)
        await self._push(session, hook, update)

    async def _push(self, session: ClientSession, hook: Webhook, update: dict[str, Any]) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            async with session.post(hook.url, json=update, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (ClientError, TimeoutError, OSError) as error:
            status, problem = 0, "Read timeout expired" if isinstance(error, TimeoutError) else "Connection refused"
        else:
            problem = f"Wrong response from the webhook: {status}"
        self.world.deliveries.append({"update_id": update.get("update_id"), "status": status, "at": time.time()})
        if 200 <= status < 300:
            return True
        hook.last_error, hook.last_error_at = problem, int(time.time())
        return False
