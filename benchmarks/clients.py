"""A resident on each side: the web widget's wire on ours, the ``rest`` channel on stock's."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 30.0  # seconds; a reply later than this counts as none
ANSWERS = ("assistant",)


@dataclass(frozen=True)
class Timed:
    """One turn as the client saw it, milliseconds; `arrived`: Unix time of the reply."""

    total: float
    accepted: float
    arrived: float
    client_id: str
    reply: str


class WidgetResident:
    """A conversation over the widget's HTTP and WebSocket."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url, self._client = url, client
        self._token: str | None = None
        self._socket: ClientConnection | None = None

    async def begin(self) -> None:
        """A first message, which also makes the session; then the live connection. Not measured."""
        seq = (await self._post({"text": "hello"}))["seq"]
        self._socket = await connect(self._url.replace("http", "ws", 1) + "/api/v1/live", proxy=None)
        await self._socket.send(json.dumps({"token": self._token, "after": 0}))
        await self._reply_after(seq)

    async def say(self, message: dict[str, str]) -> Timed:
        """Send {"text"} or {"button"} and wait for the reply."""
        client_id, began = str(uuid.uuid4()), time.perf_counter()
        seq = (await self._post({**message, "client_id": client_id}))["seq"]
        accepted = time.perf_counter()
        reply = await self._reply_after(seq)
        ended = time.perf_counter()
        return Timed((ended - began) * 1000, (accepted - began) * 1000, time.time(), client_id, reply)

    async def end(self) -> None:
        if self._socket:
            await self._socket.close()

    async def _post(self, body: dict[str, str]) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        body = {"client_id": str(uuid.uuid4()), **body}
        response = await self._client.post(f"{self._url}/api/v1/messages", json=body, headers=headers)
        response.raise_for_status()
        answer = dict(response.json())
        self._token = answer.get("token", self._token)
        return answer

    async def _reply_after(self, seq: int) -> str:
        assert self._socket
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = json.loads(await self._socket.recv())
                shown = frame.get("message", {})
                if shown.get("seq", 0) > seq and shown["author"] in ANSWERS:
                    return str(shown["text"])


class RestResident:
    """A conversation over Rasa's ``rest`` channel, whose answer to the POST is the reply."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url, self._client, self._sender = f"{url}/webhooks/rest/webhook", client, str(uuid.uuid4())

    async def begin(self) -> None:
        await self.say({"text": "hello"})

    async def say(self, message: dict[str, str]) -> Timed:
        began = time.perf_counter()
        body = {"sender": self._sender, "message": message["text"]}
        response = await self._client.post(self._url, json=body, timeout=PATIENCE)
        response.raise_for_status()
        spent = (time.perf_counter() - began) * 1000
        return Timed(spent, 0.0, time.time(), "", " ".join(one.get("text", "") for one in response.json()))

    async def end(self) -> None:
        """Nothing is open: each POST was complete."""
