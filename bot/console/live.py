"""Live updates over a WebSocket: the queue's rows, and a conversation's lines, panel and typing.

The server sends the very partials the pages are made of. What a connection has been sent is remembered, so that only
what changed travels; a new connection starts from everything, which is how a page catches up after a lost network.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Request
from sanic.server.websockets.impl import WebsocketImplProtocol as Socket

from bot.console.access import Guard, record
from bot.console.conversation import Conversation, as_view, compose_values
from bot.console.queue import Queue
from bot.console.render import Renderer
from bot.core.staff import StaffMember
from bot.desk.watch import Watch

LOOK_AGAIN_SECONDS = 15
"""How often waits are shown anew, and how soon an ended session ends its live connections."""
TYPING_SECONDS = 3
"""How soon "is typing" goes away again: nobody says that they stopped."""
SIGNED_OUT = 4401
MOST_FRAME = 256


class Live:
    def __init__(self, guard: Guard, renderer: Renderer, queue: Queue, conversation: Conversation) -> None:
        self.desk, self.guard, self.renderer = guard.desk, guard, renderer
        self.queue, self.conversation = queue, conversation

    async def queue_live(self, request: Request, socket: Socket) -> None:
        session, sent = request.ctx.session, Sent(socket)

        async def look() -> float:
            rows = await self.queue.rows()
            await sent.send(rows=await self.queue.partial(session.staff, session.csrf), waiting=len(rows["waiting"]),
                            newest=max((row.requested_at.isoformat() for row in rows["waiting"]), default=""))
            return LOOK_AGAIN_SECONDS

        with self.desk.watch_queue() as watch:
            await self._follow(request, socket, watch, look)

    async def conversation_live(self, request: Request, socket: Socket, conversation_id: str) -> None:
        staff, sent = request.ctx.staff, Sent(socket)
        await self.conversation.standing(conversation_id, staff)
        now = self.desk.clock()
        await self.desk.db.write(lambda tx: record(tx, request, "conversation_watched", conversation_id, now))

        async def look() -> float:
            parts = await self._conversation_parts(request, conversation_id, sent)
            await sent.send(**parts)
            return TYPING_SECONDS if parts["typing"] else LOOK_AGAIN_SECONDS

        with self.desk.watch(conversation_id) as watch:
            await self._follow(request, socket, watch, look, heard=lambda: self._typed(request, conversation_id))

    async def _conversation_parts(self, request: Request, conversation_id: str, sent: "Sent") -> dict[str, Any]:
        staff = request.ctx.staff
        standing = await self.conversation.standing(conversation_id, staff)
        values = {"staff": staff, "csrf": request.ctx.session.csrf, "draft": "", "error": None,
                  **compose_values(standing)}
        parts = {"state": standing.state, "lines": await self._new_lines(conversation_id, staff, sent),
                 "panel": self.renderer.partial("panel.html", staff.language, **values),
                 "typing": self.desk.is_resident_typing(conversation_id)}
        if sent.is_new("state", standing.state):
            parts["compose"] = self.renderer.partial("compose.html", staff.language, **values)
        return parts

    async def _new_lines(self, conversation_id: str, staff: StaffMember, sent: "Sent") -> list[dict[str, Any]]:
        new: list[dict[str, Any]] = []
        for line in await self.conversation.lines(conversation_id):
            shown = self.renderer.partial("message.html", staff.language, staff=staff, line=line)
            if sent.is_new(f"line {line.seq}", shown, remember=True):
                new.append({"seq": line.seq, "html": shown})
        return new

    async def _typed(self, request: Request, conversation_id: str) -> None:
        await self.desk.staff_typing(conversation_id, as_view(request.ctx.staff))
        await self.guard.touch(request)

    async def _follow(
        self, request: Request, socket: Socket, watch: Watch, look: Callable[[], Awaitable[float]],
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
        self, request: Request, socket: Socket, watch: Watch, look: Callable[[], Awaitable[float]]
    ) -> None:
        while True:
            session = await self.guard.still_good(request.ctx.session.token_hash)
            if session is None:
                await socket.close(SIGNED_OUT, "signed out")
                return
            request.ctx.session = session
            await watch.changed(await look())


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


def add_routes(guard: Guard, live: Live) -> None:
    guard.add_live(live.queue_live, "/live", "queue_live")
    one = "/conversations/<conversation_id:str>/live"
    guard.add_live(live.conversation_live, one, "conversation_live")
