"""One conversation: the transcript, and what a staff member may do with it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sanic import HTTPResponse, Request
from sanic.response import json, redirect
from sqlalchemy import RowMapping

from bot.console import transcript
from bot.console.access import Guard, an_id, field, record
from bot.console.render import Renderer
from bot.core.handoff import HandoffStatus
from bot.core.ids import secret_id
from bot.core.refused import Refused
from bot.core.staff import StaffMember
from bot.core.text import clean, is_empty
from bot.desk.views import StaffView, WaitingView
from bot.store import conversations, handoffs

if TYPE_CHECKING:
    from bot.desk.desk import Desk

REPLY_CHARACTERS = 12_000
"""Longest reply taken at once; the desk sends more than 4,096 characters in parts."""


@dataclass(frozen=True)
class Standing:
    """Where the conversation stands for one staff member: waiting, mine, other (somebody else's) or assistant."""

    conversation: RowMapping
    handoff: WaitingView | None
    state: str


class Conversation:
    def __init__(self, desk: "Desk", renderer: Renderer) -> None:
        self.desk, self.renderer = desk, renderer

    async def page(self, request: Request, conversation_id: str) -> HTTPResponse:
        standing = await self.standing(conversation_id, request.ctx.staff)
        now = self.desk.clock()
        await self.desk.db.write(lambda tx: record(tx, request, "conversation_read", conversation_id, now))
        return await self._show(request, standing)

    async def standing(self, conversation_id: str, staff: StaffMember) -> Standing:
        """Raises Refused for a conversation that does not exist."""
        found = await self.desk.db.read(lambda tx: conversations.by_id(tx, an_id(conversation_id)))
        if found is None:
            raise Refused("There is no such conversation.", code="not_found")
        handoff = next((row for row in await self.desk.queue() if row.conversation_id == conversation_id), None)
        return Standing(found, handoff, _state(handoff, staff))

    async def lines(self, conversation_id: str) -> list[transcript.Line]:
        return await self.desk.db.read(lambda tx: transcript.read(tx, conversation_id))

    async def claim(self, request: Request, conversation_id: str) -> HTTPResponse:
        return await self._change(request, conversation_id, self.desk.claim)

    async def resolve(self, request: Request, conversation_id: str) -> HTTPResponse:
        return await self._change(request, conversation_id, self.desk.resolve, done="resolved")

    async def hand_back(self, request: Request, conversation_id: str) -> HTTPResponse:
        return await self._change(request, conversation_id, self.desk.hand_back, done="returned")

    async def reply(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Say something to the resident. Sent twice with the same client id, it is said once."""
        text = clean(field(request, "text"))
        try:
            shown_id = await self._say(request, conversation_id, text)
        except Refused as refused:
            if wants_json(request):
                raise
            return await self._show(request, await self.standing(conversation_id, request.ctx.staff), refused, text)
        if wants_json(request):
            return json({"ok": True, "message": shown_id, "client_id": secret_id()})
        return redirect(f"/console/conversations/{conversation_id}#end", status=303)

    async def _say(self, request: Request, conversation_id: str, text: str) -> str:
        if is_empty(text) and not text:
            raise Refused("Write something first.", code="empty")
        if len(text) > REPLY_CHARACTERS:
            raise Refused("This is too long.", code="too_long")
        client_id = clean(field(request, "client_id"))[:64] or secret_id()
        shown = await self.desk.staff_reply(an_id(conversation_id), as_view(request.ctx.staff), text, client_id)
        return shown.id

    async def _change(
        self, request: Request, conversation_id: str, ask: Callable[[str, StaffView], Awaitable[None]],
        done: str | None = None
    ) -> HTTPResponse:
        handoff_id = field(request, "handoff")
        await self._demand_belongs(handoff_id, conversation_id)
        try:
            await ask(handoff_id, as_view(request.ctx.staff))
        except Refused as refused:
            return await self._show(request, await self.standing(conversation_id, request.ctx.staff), refused)
        following = f"/console/?done={done}" if done else f"/console/conversations/{conversation_id}"
        return redirect(following, status=303)

    async def _demand_belongs(self, handoff_id: str, conversation_id: str) -> None:
        found = await self.desk.db.read(lambda tx: handoffs.by_id(tx, an_id(handoff_id)))
        if found is None or found.conversation_id != conversation_id:
            raise Refused("There is no such conversation.", code="not_found")

    async def _show(
        self, request: Request, standing: Standing, refused: Refused | None = None, draft: str = ""
    ) -> HTTPResponse:
        return self.renderer.page(
            request, "conversation.html", status=409 if refused else 200, error=refused.code if refused else None,
            draft=draft, lines=await self.lines(standing.conversation["id"]), **compose_values(standing))


def compose_values(standing: Standing) -> dict[str, Any]:
    """What panel.html and compose.html show; a new client id for the next reply."""
    return {"client_id": secret_id(), "most": REPLY_CHARACTERS, "conversation": standing.conversation,
            "handoff": standing.handoff, "state": standing.state}


def as_view(staff: StaffMember) -> StaffView:
    return StaffView(staff.id, staff.name, staff.role.value, staff.username)


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _state(handoff: WaitingView | None, staff: StaffMember) -> str:
    if handoff is None:
        return "assistant"
    if handoff.status == HandoffStatus.WAITING.value:
        return "waiting"
    return "mine" if handoff.staff_id == staff.id else "other"


def add_routes(guard: Guard, pages: Conversation) -> None:
    one = "/conversations/<conversation_id:str>"
    guard.add(pages.page, one, "conversation")
    guard.add(pages.claim, f"{one}/claim", "claim", "POST")
    guard.add(pages.reply, f"{one}/reply", "reply", "POST")
    guard.add(pages.resolve, f"{one}/resolve", "resolve", "POST")
    guard.add(pages.hand_back, f"{one}/hand-back", "hand_back", "POST")
