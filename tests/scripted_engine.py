"""An engine that says what a test tells it to, for tests of the desk alone. The real one is used in tests/e2e."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from bot.desk.engine import EngineAnswer, EngineFailed, EngineReply

Script = Callable[[Mapping[str, Any]], EngineAnswer | Exception | float]


def echo(request: Mapping[str, Any]) -> EngineAnswer:
    """Answers every message with ``answer to <text>``; one event a turn, so that the state is seen to grow."""
    said = request["message"]
    text = said.get("text") or said.get("topic") or said.get("value")
    return EngineAnswer(
        replies=(EngineReply(f"answer to {text}", said.get("topic")),),
        events=[{"event": "user", "text": text}],
        started_fresh=not request["state"],
        language=request["language"],
        outcome="answer",
        topic=None,
        confidence=0.9,
    )


class ScriptedEngine:
    """`script` gives an answer, an exception to raise, or seconds to hang before answering like `echo`."""

    release: str | None = "test-release"

    def __init__(self, script: Script = echo) -> None:
        self.script, self.requests = script, list[Mapping[str, Any]]()
        self.ready = True

    async def wait_ready(self, timeout: float) -> bool:
        if not self.ready:
            await asyncio.sleep(timeout)
        return self.ready

    async def turn(self, request: Mapping[str, Any], *, timeout: float) -> EngineAnswer:
        self.requests.append(request)
        result = self.script(request)
        if isinstance(result, Exception):
            raise result
        if isinstance(result, EngineAnswer):
            return result
        if result >= timeout:
            await asyncio.sleep(timeout)
            raise EngineFailed("timeout")
        await asyncio.sleep(result)
        return echo(request)
