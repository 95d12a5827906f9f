"""The queue: who waits for a person, and who is being helped."""

from typing import TYPE_CHECKING, Any

from sanic import HTTPResponse, Request

from bot.console.access import Guard
from bot.console.render import Renderer
from bot.core.handoff import HandoffStatus
from bot.core.staff import StaffMember

if TYPE_CHECKING:
    from bot.desk.desk import Desk

DONE = ("resolved", "returned")


class Queue:
    def __init__(self, desk: "Desk", renderer: Renderer) -> None:
        self.desk, self.renderer = desk, renderer

    async def page(self, request: Request) -> HTTPResponse:
        done = request.args.get("done")
        return self.renderer.page(request, "queue.html", done=done if done in DONE else None, **await self.rows())

    async def partial(self, staff: StaffMember, csrf: str) -> str:
        """The part of the page that changes, as the page itself shows it."""
        return self.renderer.partial("queue_rows.html", staff.language, staff=staff, csrf=csrf, **await self.rows())

    async def rows(self) -> dict[str, Any]:
        everything = await self.desk.queue()
        waiting = [row for row in everything if row.status == HandoffStatus.WAITING.value]
        return {"waiting": waiting, "helping": [row for row in everything if row not in waiting]}


def add_routes(guard: Guard, queue: Queue) -> None:
    guard.add(queue.page, "/", "queue")
