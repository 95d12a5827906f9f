"""The staff list: who may sign in, one-time links for new people, signing somebody out everywhere. For admins."""

from typing import TYPE_CHECKING

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import Guard, an_id, field, record
from bot.console.render import Renderer
from bot.core.refused import Refused
from bot.core.staff import Role
from bot.store import invites, sessions, staff

if TYPE_CHECKING:
    from bot.desk.desk import Desk

DONE = ("signed_out", "deactivated", "activated")


class StaffList:
    def __init__(self, desk: "Desk", renderer: Renderer) -> None:
        self.desk, self.renderer = desk, renderer

    async def page(self, request: Request) -> HTTPResponse:
        return await self._show(request)

    async def invite(self, request: Request) -> HTTPResponse:
        """Make a one-time link; it is shown on this one page and kept nowhere."""
        role = Role.ADMIN if field(request, "role") == Role.ADMIN.value else Role.STAFF
        now, minutes = self.desk.clock(), self.desk.settings.invite_minutes

        async def work(tx: AsyncConnection) -> str:
            await record(tx, request, "invite", role.value, now)
            return await invites.create(tx, role, now, minutes)

        code = await self.desk.db.write(work)
        return await self._show(request, link=f"{self.desk.settings.address}/console/welcome#{code}")

    async def sign_out_everywhere(self, request: Request, staff_id: str) -> HTTPResponse:
        now = self.desk.clock()

        async def work(tx: AsyncConnection) -> None:
            if await staff.by_id(tx, an_id(staff_id)) is None:
                raise Refused("There is no such account.", code="unknown_staff")
            await sessions.end_all(tx, staff_id, now)
            await record(tx, request, "sessions_ended", staff_id, now)

        await self.desk.db.write(work)
        return redirect("/console/staff?done=signed_out", status=303)

    async def deactivate(self, request: Request, staff_id: str) -> HTTPResponse:
        return await self._set_active(request, staff_id, active=False)

    async def activate(self, request: Request, staff_id: str) -> HTTPResponse:
        return await self._set_active(request, staff_id, active=True)

    async def _set_active(self, request: Request, staff_id: str, *, active: bool) -> HTTPResponse:
        now, done = self.desk.clock(), "activated" if active else "deactivated"

        async def work(tx: AsyncConnection) -> None:
            await staff.set_active(tx, an_id(staff_id), active=active)
            if not active:
                await sessions.end_all(tx, staff_id, now)
            await record(tx, request, f"account_{done}", staff_id, now)

        await self.desk.db.write(work)
        return redirect(f"/console/staff?done={done}", status=303)

    async def _show(self, request: Request, link: str | None = None) -> HTTPResponse:
        everybody = await self.desk.db.read(staff.list_all)
        done = request.args.get("done") if request.args.get("done") in DONE else None
        return self.renderer.page(request, "staff.html", everybody=everybody, link=link, done=done,
                                  minutes=self.desk.settings.invite_minutes)


def add_routes(guard: Guard, pages: StaffList) -> None:
    guard.add(pages.page, "/staff", "staff")
    guard.add(pages.invite, "/staff/invite", "invite", "POST")
    for name in ("sign_out_everywhere", "deactivate", "activate"):
        path = f"/staff/<staff_id:str>/{name.replace('_', '-')}"
        guard.add(getattr(pages, name), path, name, "POST")
