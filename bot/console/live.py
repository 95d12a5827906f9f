"""Live updates over a WebSocket: the queue's rows, and a conversation's lines, panel and typing.

The server sends the very partials the pages are made of. What a connection has been sent is remembered, so that only what
changed travels; a new connection starts from everything, which is how a page catches up after a lost network.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sanic import Blueprint, Request
from sanic.server.websockets.impl import WebsocketImplProtocol as Socket

from bot.console.access import Guard, record
from bot.console.conversation import Conversation, as_view
from bot.console.queue import Queue
from bot.console.render import Renderer
from bot.core.ids import secret_id
from bot.desk.watch import Watch

if TYPE_CHECKING:
    from bot.desk.desk import Desk

LOOK_AGAIN_SECONDS = 15
"""How often waits are shown anew, and how soon an ended session ends its live connections."""
SIGNED_OUT = 4401
MOST_FRAME = 256


class Live:
    def __init__(self, desk: "Desk", renderer: Renderer, guard: Guard, queue: Queue, conversation: Conversation) -> None:
        self.desk, self.renderer, self.guard = desk, renderer, guard
        self.queue, self.conversation = queue, conversation

    async def queue_live(self, request: Request, socket: Socket) -> None:
        session, sent = request.ctx.session, Sent(socket)

        async def look(_changed: set[str]) -> None:
            rows = await self.queue.rows()
            await sent.send(rows=await self.queue.partial(session.staff, session.csrf), waiting=len(rows["waiting"]),
                            newest=rows["waiting"] and max(row.requested_at for row in rows["waiting"]).isoformat())

        with self.desk.watch_queue() as watch:
            await self._follow(request, socket, watch, look)

    async def conversation_live(self, request: Request, socket: Socket, conversation_id: str) -> None:
        staff, sent = request.ctx.staff, Sent(socket)
        await self.conversation.standing(conversation_id, staff)
        now = self.desk.clock()
        await self.desk.db.write(lambda tx: record(tx, request, "conversation_watched", conversation_id, now))

        async def look(_changed: set[str]) -> None:
            await sent.send(**await self._conversation_parts(request, conversation_id, sent))

        with self.desk.watch(conversation_id) as watch:
            await self._follow(request, socket, watch, look, heard=lambda: self._typed(request, conversation_id))

    async def _conversation_parts(self, request: Request, conversation_id: str, sent: "Sent") -> dict[str, Any]:
        staff, csrf = request.ctx.staff, request.ctx.session.csrf
        standing = await self.conversation.standing(conversation_id, staff)
        values = {"staff": staff, "csrf": csrf, "conversation": standing.conversation, "handoff": standing.handoff,
                  "state": standing.state}
        lines = [{"seq": line.seq, "html": self.renderer.partial("message.html", staff.language, staff=staff, line=line)}
                 for line in await self.conversation.lines(conversation_id)]
        compose = {}
        if sent.is_new("state", standing.state):
            compose["compose"] = self.renderer.partial(
                "compose.html", staff.language, draft="", client_id=secret_id(), most=12_000, error=None, **values)
        return {"state": standing.state, "panel": self.renderer.partial("panel.html", staff.language, **values),
                "lines": [line for line in lines if sent.is_new(f"line {line['seq']}", line["html"], remember=True)],
                "typing": self._resident_types(conversation_id), **compose}

    def _resident_types(self, conversation_id: str) -> bool:
        return bool(self.desk.resident_is_typing(conversation_id))

    async def _typed(self, request: Request, conversation_id: str) -> None:
        await self.desk.staff_typing(conversation_id, as_view(request.ctx.staff))
        await self.guard.touch(request)

    async def _follow(
        self, request: Request, socket: Socket, watch: Watch, look: Callable[[set[str]], Awaitable[None]],
        heard: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Look, send, wait for a change, again and again, until the browser leaves or the session ends."""
        listening = asyncio.create_task(_listen(socket, heard))
        following = asyncio.create_task(self._look_and_wait(request, socket, watch, look))
        try:
            await asyncio.wait({listening, following}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, following):
                task.cancel()
            results = await asyncio.gather(listening, following, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _look_and_wait(
        self, request: Request, socket: Socket, watch: Watch, look: Callable[[set[str]], Awaitable[None]]
    ) -> None:
        changed: set[str] = set()
        while True:
            session = await self.guard.still_good(request.ctx.session.token_hash)
            if session is None:
                await socket.close(SIGNED_OUT, "signed out")
                return
            request.ctx.session = session
            await look(changed)
            changed = await watch.changed(LOOK_AGAIN_SECONDS)


class Sent:
    """What one connection has been sent, so that nothing is sent twice."""

    def __init__(self, socket: Socket) -> None:
        self._socket, self._last = socket, dict[str, Any]()

    def is_new(self, name: str, value: Any, *, remember: bool = False) -> bool:
        if self._last.get(name) == value:
            return False
        if remember:
            self._last[name] = value
        return True

    async def send(self, **parts: Any) -> None:
        """Send the parts that differ from what was sent last, in one frame; nothing where none does."""
        new = {name: value for name, value in parts.items() if self.is_new(name, value, remember=name != "lines")}
        if not new.get("lines", True):
            del new["lines"]
        if new:
            await self._socket.send(json.dumps(new))


async def _listen(socket: Socket, heard: Callable[[], Awaitable[None]] | None) -> None:
    """Read what the browser sends, so that its leaving is seen. Staff send one thing: that they are typing."""
    with contextlib.suppress(asyncio.CancelledError):
        async for frame in socket:
            if heard and isinstance(frame, str) and len(frame) <= MOST_FRAME and frame == "typing":
                await heard()


def add_routes(blueprint: Blueprint, live: Live) -> None:
    blueprint.add_websocket_route(live.queue_live, "/live", name="queue_live")
    blueprint.add_websocket_route(live.conversation_live, "/conversations/<conversation_id:str>/live", name="conversation_live")
