"""Messages left for a unit through the form: who can be reached how, about what, and whether it is dealt with."""

from typing import TYPE_CHECKING

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import Guard, record
from bot.console.conversation import as_view
from bot.console.render import Renderer
from bot.core.refused import Refused
from bot.store import left_messages

if TYPE_CHECKING:
    from bot.desk.desk import Desk


class LeftMessages:
    def __init__(self, desk: "Desk", renderer: Renderer) -> None:
        self.desk, self.renderer = desk, renderer

    async def page(self, request: Request) -> HTTPResponse:
        """What waits, oldest first, then the last ones dealt with."""
        now = self.desk.clock()
        await self.desk.db.write(lambda tx: record(tx, request, "messages_read", "left_messages", now))
        found = await self.desk.db.read(left_messages.list_recent)
        return self.renderer.page(
            request,
            "left_messages.html",
            waiting=[row for row in found if row["status"] == "received"],
            handled=[row for row in found if row["status"] == "handled"],
        )

    async def handled(self, request: Request, reference: str) -> HTTPResponse:
        now = self.desk.clock()

        async def work(tx: AsyncConnection) -> None:
            if not await left_messages.mark_handled(tx, reference):
                raise Refused("There is no such message, or it was dealt with already.", code="not_found")
            await record(tx, request, "message_handled", reference, now)

        await self.desk.db.write(work)
        return redirect("/console/messages", status=303)

    async def reply_here(self, request: Request, reference: str) -> HTTPResponse:
        """Take the conversation over, to answer in it."""
        found = await self.desk.db.read(lambda tx: left_messages.by_reference(tx, reference))
        if found is None:
            raise Refused("There is no such message.", code="not_found")
        await self.desk.take(found["conversation_id"], as_view(request.ctx.staff))
        return redirect(f"/console/conversations/{found['conversation_id']}", status=303)


def add_routes(guard: Guard, pages: LeftMessages) -> None:
    guard.add(pages.page, "/messages", "messages")
    guard.add(pages.handled, "/messages/<reference:str>/handled", "handled", "POST")
    guard.add(pages.reply_here, "/messages/<reference:str>/reply", "reply_here", "POST")
