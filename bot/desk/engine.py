"""The desk's side of the turn contract: one engine behind a Unix socket, and what counts as an answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from bot.core.message import Button

OUTCOMES = {"answer", "form", "choices", "emergency", "handoff", "smalltalk", "no_answer"}


class EngineFailed(Exception):
    """An attempt gave no answer. `code`: not_ready, state_incompatible, failed, bad_request, timeout or garbage."""

    def __init__(self, code: str, *, filled: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code, self.filled = code, dict(filled or {})


@dataclass(frozen=True)
class EngineReply:
    text: str
    topic: str | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class EngineAnswer:
    """What a turn came to. `events` are the new ones only, as Rasa's dictionaries.

    `assumed`: the topic that a message naming none was taken to be about. `also_topic`: its second matter.
    """

    replies: tuple[EngineReply, ...]
    events: list[dict[str, Any]]
    started_fresh: bool
    language: str
    outcome: str
    topic: str | None
    confidence: float | None
    choices: list[dict[str, Any]] = field(default_factory=list)
    notice: bool = False
    form: str | None = None
    assumed: str | None = None
    also_topic: str | None = None


class Engine(Protocol):
    """Anything that answers turns."""

    async def turn(self, request: Mapping[str, Any], *, timeout: float) -> EngineAnswer: ...


def read_answer(body: Any) -> EngineAnswer:
    """An engine's 200 as a value; raises EngineFailed("garbage") for anything that is not wholly an answer."""
    try:
        replies = tuple(
            EngineReply(
                str(one["text"]), one.get("topic"), tuple(_button(button) for button in one.get("buttons") or ())
            )
            for one in body["replies"]
        )
        if not replies or any(not reply.text.strip() for reply in replies) or body["outcome"] not in OUTCOMES:
            raise EngineFailed("garbage")
        events = body["events"]
        if (
            not isinstance(events, list)
            or not events
            or not all(isinstance(one, dict) and "event" in one for one in events)
        ):
            raise EngineFailed("garbage")
        return EngineAnswer(
            replies,
            events,
            bool(body["started_fresh"]),
            str(body["language"]),
            str(body["outcome"]),
            body.get("topic"),
            body.get("confidence"),
            list(body.get("choices") or ()),
            bool(body.get("notice")),
            body.get("form"),
            body.get("assumed"),
            body.get("also_topic"),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EngineFailed("garbage") from error


def _button(one: Mapping[str, Any]) -> Button:
    return Button(title=str(one["title"]), topic=one.get("topic"), value=one.get("value"), command=one.get("command"))


class SocketEngine:
    """One engine process, reached over its Unix socket with its token."""

    def __init__(self, socket: Path, token: str) -> None:
        self.socket, self._headers = socket, {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def turn(self, request: Mapping[str, Any], *, timeout: float) -> EngineAnswer:
        status, body = await self._call("POST", "/turn", request, timeout)
        if status != 200:
            error = body.get("error", {}) if isinstance(body, dict) else {}
            code = error.get("code") if isinstance(error, dict) else None
            raise EngineFailed(str(code or "failed"), filled=error.get("filled") if isinstance(error, dict) else None)
        return read_answer(body)

    async def health(self, *, timeout: float) -> dict[str, Any]:
        """The engine's own account of itself; raises EngineFailed when it gives none."""
        status, body = await self._call("GET", "/health", None, timeout)
        if status != 200 or not isinstance(body, dict):
            raise EngineFailed("not_ready")
        return body

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _call(self, method: str, path: str, body: Any, timeout: float) -> tuple[int, Any]:
        if self._session is None:
            connector = aiohttp.UnixConnector(path=str(self.socket), limit=0)
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        try:
            limit = aiohttp.ClientTimeout(total=timeout, ceil_threshold=math.inf)  # aiohttp rounds 5 s and more up
            async with self._session.request(method, f"http://engine{path}", json=body, timeout=limit) as response:
                return response.status, await response.json(content_type=None)
        except TimeoutError as error:
            raise EngineFailed("timeout") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise EngineFailed("failed") from error
