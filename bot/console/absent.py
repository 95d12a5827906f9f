"""Residents are not left alone with somebody who is gone: a browser that was closed, a session that ran out."""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sanic import Blueprint, Sanic
from sqlalchemy import RowMapping

from bot.core.refused import Refused, Unavailable
from bot.desk.views import StaffView
from bot.store import audit, sessions

if TYPE_CHECKING:
    from bot.desk.desk import Desk

LOOK_SECONDS = 30.0
GRACE = timedelta(minutes=1)
"""A claim is left alone for this long, so that signing in again right after a claim takes nothing away."""
log = structlog.get_logger()


class Absent:
    """Puts conversations back into the queue whose staff member has no session any more."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(Unavailable):
                await self.look()

    async def look(self) -> int:
        """Look once; returns how many residents wait again. Several desks may look: one of them puts each back."""
        settings, now, released = self.desk.settings, self.desk.clock(), 0
        idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
        claims = await self.desk.db.read(lambda tx: sessions.claims_of_absent_staff(
            tx, now=now, idle=idle, longest=longest, grace=GRACE))
        for claim in claims:
            with contextlib.suppress(Refused):
                await self._release(claim, now)
                released += 1
        return released

    async def _release(self, claim: RowMapping, now: datetime) -> None:
        await self.desk.release(claim["id"], StaffView(claim["staff_id"], claim["staff_name"]))
        conversation_id, detail = claim["conversation_id"], {"handoff": claim["id"], "staff": claim["username"]}
        await self.desk.db.write(
            lambda tx: audit.append(tx, "frontdesk", "release", conversation_id, detail, now))
        log.info("handoff.released", conversation=conversation_id)


def add_listeners(blueprint: Blueprint, absent: Absent) -> None:
    """Run as long as the server does."""
    running: list[asyncio.Task[None]] = []

    async def start(_app: Sanic[Any, Any]) -> None:
        running.append(asyncio.create_task(absent.run()))

    async def stop(_app: Sanic[Any, Any]) -> None:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    blueprint.listener(start, "after_server_start")
    blueprint.listener(stop, "before_server_stop")
