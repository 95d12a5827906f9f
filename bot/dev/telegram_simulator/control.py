"""The control side: act as a Telegram user, switch faults, and see everything that happened."""

import asyncio
import contextlib
import time
from typing import Any

from aiohttp import web

from bot.dev.telegram_simulator.acts import Acts
from bot.dev.telegram_simulator.faults import Faults
from bot.dev.telegram_simulator.limits import FloodLimits
from bot.dev.telegram_simulator.world import User, World

LONGEST_POLL_SECONDS = 25.0


class Control:
    """JSON over ``/control/...``; the page and the tests use the same routes."""

    def __init__(self, world: World, acts: Acts, faults: Faults, limits: FloodLimits) -> None:
        self.world, self.acts, self.faults, self.limits = world, acts, faults, limits

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/control/users", self.add_user),
            web.post("/control/reset", self.reset),
            web.post("/control/act", self.act),
            web.post("/control/raw", self.raw),
            web.post("/control/faults", self.set_faults),
            web.get("/control/chat", self.chat),
            web.get("/control/calls", self.calls),
            web.get("/control/state", self.state),
        ]

    async def add_user(self, request: web.Request) -> web.Response:
        given = await request.json()
        user_id = int(given.get("id") or max(self.world.users) + 1)
        user = User(user_id, str(given.get("first_name") or f"User {user_id}"), str(given.get("language_code") or "en"))
        self.world.add_user(user).started = bool(given.get("started", False))
        self.world.changed()
        return web.json_response({"id": user_id})

    async def reset(self, _: web.Request) -> web.Response:
        """A new world, without faults: for the next test."""
        self.world.reset()
        self.limits.forget()
        self.faults.set({})
        return web.json_response({})

    async def act(self, request: web.Request) -> web.Response:
        """``{user, do: text|edit|press|photo|...|block, ...}`` -> ``{update_id}``; 400 with `error` otherwise."""
        given = await request.json()
        try:
            update_id = self.acts.do(given)
        except (KeyError, ValueError, TypeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"update_id": update_id})

    async def raw(self, request: web.Request) -> web.Response:
        """Queue ``{update}`` as it is; `update_id` is given to it where it has none."""
        update = (await request.json())["update"]
        if "update_id" not in update:
            update["update_id"], self.world.next_update_id = self.world.next_update_id, self.world.next_update_id + 1
        self.world.add_raw_update(update)
        return web.json_response({"update_id": update["update_id"]})

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self.faults.set(await request.json())
        except (TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({})

    async def chat(self, request: web.Request) -> web.Response:
        """One chat's messages; with `after` (a number of changes) waits until there are more."""
        chat_id = int(request.query["chat"])
        await self._wait_for_change(int(request.query.get("after", -1)))
        user = self.world.users.get(chat_id)
        return web.json_response(
            {
                "changes": self.world.changes,
                "messages": self.world.messages.get(chat_id, []),
                "typing": self.world.actions.get(chat_id, 0) > time.time(),
                "blocked": bool(user and user.blocked),
                "commands": self.world.commands.get(user.language_code if user else "")
                or self.world.commands.get("", []),
            }
        )

    async def calls(self, request: web.Request) -> web.Response:
        """Every call of the bot from number `after` on, in order."""
        return web.json_response({"calls": self.world.calls[int(request.query.get("after", 0)) :]})

    async def state(self, _: web.Request) -> web.Response:
        hook = self.world.webhook
        state: dict[str, Any] = {
            "users": [{**user.document(), "blocked": user.blocked} for user in self.world.users.values()],
            "webhook": hook.url,
            "last_error": hook.last_error,
            "pending": len(self.world.pending),
            "next_update_id": self.world.next_update_id,
            "commands": self.world.commands,
            "callbacks": self.world.callbacks,
            "deliveries": self.world.deliveries,
            "bot": self.world.bot,
        }
        return web.json_response(state)

    async def _wait_for_change(self, after: int) -> None:
        if after < 0:
            return
        with self.world.watched() as changed:
            if self.world.changes <= after:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), LONGEST_POLL_SECONDS)
