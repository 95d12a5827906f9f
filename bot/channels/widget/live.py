"""The live connection: the token in the first frame, then everything after a sequence number, in order, as it comes."""

import asyncio
import contextlib
import json
import time
from typing import Any

from sanic import Blueprint, Request, Websocket
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame

from bot.channels.widget import shown, wire
from bot.channels.widget.front import Front, address_of
from bot.channels.widget.wire import Hello, NotAccepted
from bot.core.limits import Bucket
from bot.desk.views import ConversationView

# Close codes of our own, 4000 plus the HTTP status that says the same.
BAD_FRAME, UNKNOWN, TOO_SLOW, TOO_MANY = 4400, 4401, 4408, 4429
NOT_TEXT = 1003
FRAME_BYTES = 1024
BURST, PER_SECOND = 30, 2.0


class Closing(Exception):
    """The connection ends with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def add_live(blueprint: Blueprint, front: Front) -> None:
    """Mount the WebSocket at /api/v1/live."""

    @blueprint.websocket("/api/v1/live", name="live")  # type: ignore[untyped-decorator]
    async def live(request: Request, socket: Websocket) -> None:
        _guard(socket)
        with front.places.taken(address_of(request)):
            code = await _serve(front, socket)
        with contextlib.suppress(Exception):
            await socket.close(code)


async def _serve(front: Front, socket: Websocket) -> int:
    """Talk until an end; the close code."""
    try:
        hello = await _hello(front, socket)
        chat_key, view = await front.conversation(hello.token)
        await _first_done(_tell(front, socket, chat_key, hello.after), _listen(front, socket, view.id))
    except Closing as closing:
        return closing.code
    except NotAccepted as refused:
        return 4000 + refused.status
    except ConnectionClosed:
        return 1000
    return 1000


async def _hello(front: Front, socket: Websocket) -> Hello:
    try:
        async with asyncio.timeout(front.desk.settings.socket_hello_seconds):
            frame = await _receive(socket)
    except TimeoutError:
        raise Closing(TOO_SLOW) from None
    return wire.hello(frame)


async def _tell(front: Front, socket: Websocket, chat_key: str, after: int) -> None:
    """Send what is there, then what comes. The watch begins before the first reading, so nothing falls between."""
    view = await front.desk.conversation(chat_key)
    assert view is not None
    last: dict[str, Any] = {}
    with front.desk.watch(view.id) as watch:
        changes, is_first = {"messages"}, True
        while True:
            if changes != {"typing"}:
                view, after = await _send_messages(front, socket, chat_key, after)
            await _send_state(front, socket, view, last)
            if is_first or not changes:
                await _send(socket, {"type": "ready" if is_first else "ping"})
            is_first = False
            changes = await watch.changed(front.desk.settings.socket_ping_seconds)


async def _send_messages(front: Front, socket: Websocket, chat_key: str, after: int) -> tuple[ConversationView, int]:
    """What is new after `after`; the conversation as it is now. Raises Closing when it is gone."""
    news = await front.desk.news(chat_key, after)
    if news is None:
        raise Closing(UNKNOWN)
    view, messages = news
    for message in messages:
        await _send(socket, {"type": "message", "message": shown.message(message)})
        after = message.seq
    return view, after


async def _send_state(front: Front, socket: Websocket, view: ConversationView, last: dict[str, Any]) -> None:
    """Who answers and who is writing, where that is news."""
    for kind, state in (("owner", shown.standing(view)), ("typing", shown.typing(front.desk.typing(view.id)))):
        if last.get(kind) != state or (kind == "typing" and state["who"]):
            last[kind] = state
            await _send(socket, {"type": kind, **state})


async def _listen(front: Front, socket: Websocket, conversation_id: str) -> None:
    """All that a resident's page says on this connection is that they are writing."""
    while True:
        frame = wire.document((await _receive(socket)).encode("utf-8", "replace"))
        if frame.get("type") == "typing":
            await front.desk.resident_typing(conversation_id)


async def _receive(socket: Websocket) -> str:
    """The next text frame. Raises Closing when there is none to come or it is not text."""
    try:
        frame = await socket.recv()
    except asyncio.CancelledError:
        # Sanic cancels the reader when the other side closes; a cancellation from outside goes on.
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        raise Closing(1000) from None
    if not isinstance(frame, str):
        raise Closing(NOT_TEXT)
    return frame


async def _send(socket: Websocket, frame: dict[str, Any]) -> None:
    await socket.send(json.dumps(frame, ensure_ascii=False))


async def _first_done(*works: Any) -> None:
    """Run until one ends, end the others, and raise what it raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _guard(socket: Websocket) -> None:
    """Small frames only, and no flood of them. Each counts, also pings and fragments, which `recv` never sees."""
    protocol = socket.ws_proto
    protocol.max_size = FRAME_BYTES
    bucket = Bucket(BURST, PER_SECOND, BURST, time.monotonic())
    take_in = protocol.recv_frame

    def counted(frame: Frame) -> None:
        if bucket.take(time.monotonic()):
            take_in(frame)
        else:
            protocol.fail(TOO_MANY, "too many frames")

    protocol.recv_frame = counted  # type: ignore[method-assign]
