"""Reading a request's body in pieces, so that one that is too large, too slow or packed costs next to nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sanic import Request

from bot.channels.widget.wire import NotAccepted


async def read(request: Request, *, most: int, seconds: float, content_type: str) -> bytes:
    """The body: at most `most` bytes within `seconds`. Raises NotAccepted (400, 408, 413, 415)."""
    headers = request.headers
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise NotAccepted(400, "bad_request")
    if headers.get("content-type", "").split(";")[0].strip().lower() != content_type:
        raise NotAccepted(415, "bad_request")
    if int(headers.get("content-length", "0")) > most:
        raise NotAccepted(413, "too_long")
    try:
        async with asyncio.timeout(seconds):
            return await _collect(request, most)
    except TimeoutError:
        raise NotAccepted(408, "too_slow") from None


async def _collect(request: Request, most: int) -> bytes:
    body = bytearray()
    async for piece in _pieces(request):
        body += piece
        if len(body) > most:
            raise NotAccepted(413, "too_long")
    return bytes(body)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    stream: Any = request.stream
    while stream and (piece := await stream.read()) is not None:
        yield piece
