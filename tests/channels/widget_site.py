"""The web channel served on loopback around a real desk, for tests that speak HTTP, WebSocket or use a browser."""

import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sanic import Sanic

from bot.channels.widget import widget_blueprint
from bot.desk.desk import Desk
from bot.web import prepare


class Site:
    """A running desk's address and a client for its API."""

    def __init__(self, desk: Desk, app: Sanic, port: int) -> None:
        self.desk, self.app, self.port = desk, app, port
        self.address = f"http://127.0.0.1:{port}"
        self.http = httpx.AsyncClient(base_url=self.address, timeout=20, trust_env=False)

    @property
    def live(self) -> str:
        return self.address.replace("http", "ws") + "/api/v1/live"

    @property
    def csp_reports(self) -> int:
        return int(self.app.ctx.csp_reports["count"])

    async def say(self, text: str, token: str | None = None, **more: Any) -> httpx.Response:
        body = {"client_id": str(uuid.uuid4()), "text": text, **more}
        return await self.http.post("/api/v1/messages", json=body, headers=self.as_(token))

    async def begin(self, text: str = "hello there") -> str:
        """A conversation's token."""
        return str((await self.say(text)).json()["token"])

    async def fetch(self, token: str, after: int = 0, *, wait: bool = False) -> dict[str, Any]:
        query = {"after": after, **({"wait": 1} if wait else {})}
        return dict((await self.http.get("/api/v1/messages", params=query, headers=self.as_(token))).json())

    async def texts(self, token: str) -> list[str]:
        return [message["text"] for message in (await self.fetch(token))["messages"]]

    @staticmethod
    def as_(token: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {token}"} if token else {}


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[Site]:
    """`desk` behind the web channel, on a free port of this machine."""
    Sanic.test_mode = True
    app = Sanic(f"widget{uuid.uuid4().hex}", configure_logging=False)
    app.config.update(REQUEST_MAX_SIZE=1_000_000, ACCESS_LOG=False, MOTD=False, KEEP_ALIVE_TIMEOUT=2)
    prepare(app, desk)
    app.blueprint(widget_blueprint(desk))
    listening = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=listening, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.start_serving()
    site = Site(desk, app, listening.getsockname()[1])
    try:
        yield site
    finally:
        await site.http.aclose()
        server.close()
        for connection in list(server.connections):
            connection.abort() if hasattr(connection, "abort") else connection.close()
