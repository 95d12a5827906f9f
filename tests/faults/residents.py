"""Residents on the web who write numbered messages and repeat each one until the desk says that it is stored."""

import asyncio
import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=12)


@dataclass
class Resident:
    """One conversation. `urls`: the desks that may be asked; another is tried when one does not answer."""

    number: int
    urls: Sequence[str]
    session: aiohttp.ClientSession
    start: str = field(default_factory=lambda: secrets.token_hex(32))
    token: str | None = None
    acked: list[int] = field(default_factory=list)
    redelivered: int = 0
    statuses: list[int] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    last_acked_at: float = 0.0
    sent: int = 0

    def text(self, number: int, words: str = "question") -> str:
        return f"#{self.number}-{number} {words}"

    async def say(self, words: str = "question", *, seconds: float = 60) -> int:
        """Send the next message until it is acknowledged; its number. Raises TimeoutError."""
        self.sent += 1
        number = self.sent
        await self.post({"text": self.text(number, words)}, seconds=seconds)
        self.acked.append(number)
        return number

    async def post(self, message: dict[str, Any], *, seconds: float = 60) -> dict[str, Any]:
        body = {"client_id": str(uuid.uuid4()), **message, **({} if self.token else {"start": self.start})}
        deadline, desk = time.monotonic() + seconds, self.number
        while time.monotonic() < deadline:
            status, answer = await self.once(body, self.urls[desk % len(self.urls)])
            if status == 202:
                self.last_acked_at = time.monotonic()
                self.token = answer.get("token", self.token)
                self.redelivered += bool(answer["duplicate"])
                return answer
            desk += 1
            await asyncio.sleep(0.15)
        raise TimeoutError(f"the desk did not take a message of {self.number}: {self.statuses[-3:]}")

    async def once(self, body: dict[str, Any], url: str) -> tuple[int, dict[str, Any]]:
        """One try; status 0 where there was no answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            async with self.session.post(
                f"{url}/api/v1/messages", json=body, headers=headers, timeout=PATIENCE
            ) as answer:
                status, found = answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            status, found = 0, {}
        self.statuses.append(status)
        if (found or {}).get("emergency"):
            self.notices.append(str(found["emergency"]))
        return status, found or {}

    async def shown(self, *, seconds: float = 30) -> list[dict[str, Any]]:
        """The whole transcript, as a page would show it."""
        messages: list[dict[str, Any]] = []
        deadline = time.monotonic() + seconds
        while self.token and time.monotonic() < deadline:
            after = messages[-1]["seq"] if messages else 0
            found = await self._fetch(after)
            if found is None:
                await asyncio.sleep(0.2)
            elif found:
                messages += found
            else:
                break
        return messages

    async def _fetch(self, after: int) -> list[dict[str, Any]] | None:
        headers = {"Authorization": f"Bearer {self.token}"}
        for url in self.urls:
            try:
                async with self.session.get(
                    f"{url}/api/v1/messages", params={"after": after}, headers=headers, timeout=PATIENCE
                ) as answer:
                    if answer.status == 200:
                        return list((await answer.json())["messages"])
            except (aiohttp.ClientError, TimeoutError, OSError):
                continue
        return None
