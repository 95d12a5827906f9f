"""The Bot API's wire: ``/bot<token>/<method>``, every way Telegram takes parameters, and the faults on top."""

import asyncio
import hmac
import json
import time
from typing import Any

from aiohttp import web

from bot.dev.telegram_simulator.api_error import ApiError
from bot.dev.telegram_simulator.faults import CallFault, Faults
from bot.dev.telegram_simulator.methods import Methods
from bot.dev.telegram_simulator.world import World

ANSWERS = {
    "403": ApiError(403, "Forbidden: bot was blocked by the user"),
    "400": ApiError(400, "Bad Request: chat not found"),
    "500": ApiError(500, "Internal Server Error"),
}


class BotApi:
    """Answers the bot's calls and keeps a line of each."""

    def __init__(self, world: World, methods: Methods, faults: Faults) -> None:
        self.world, self.methods, self.faults = world, methods, faults

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token}/{method}", self.answer),
            web.get("/file/bot{token}/{path:.*}", self.download),
        ]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method, given = request.match_info["method"], {}
        try:
            self._check_token(request.match_info["token"])
            given = await _parameters(request)
            return await self._answer(request, method, given)
        except ApiError as error:
            self._log(method, given, error=error.code)
            return web.json_response(error.document(), status=error.code)

    async def download(self, request: web.Request) -> web.StreamResponse:
        self._check_token(request.match_info["token"])
        return web.Response(body=b"file", content_type="application/octet-stream")

    async def _answer(self, request: web.Request, method: str, given: dict[str, Any]) -> web.StreamResponse:
        fault = self.faults.of_call(method, _chat_id(given))
        if fault and fault.kind != "drop_answer":
            return await self._fail(request, method, given, fault)
        result = await self.methods.call(method, given)
        self._log(method, given, result=result, fault=fault.kind if fault else None)
        return _cut(request) if fault else web.json_response({"ok": True, "result": result})

    async def _fail(
        self, request: web.Request, method: str, given: dict[str, Any], fault: CallFault
    ) -> web.StreamResponse:
        if fault.kind == "429":
            seconds = fault.retry_after
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        if fault.kind in ANSWERS:
            raise ANSWERS[fault.kind]
        self._log(method, given, error=0, fault=fault.kind)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        return _cut(request)

    def _check_token(self, token: str) -> None:
        if ":" not in token or not token.split(":")[0].isdigit():
            raise ApiError(404, "Not Found")
        if not hmac.compare_digest(token.encode(), self.world.token.encode()):
            raise ApiError(401, "Unauthorized")

    def _log(
        self, method: str, given: dict[str, Any], *, result: Any = None, error: int = 0, fault: str | None = None
    ) -> None:
        """One line a call. `accepted`: Telegram has done what was asked, whether or not the bot was told."""
        call: dict[str, Any] = {
            "n": len(self.world.calls),
            "at": time.time(),
            "method": method,
            "accepted": result is not None,
        }
        call.update(
            {key: given[key] for key in ("chat_id", "text", "callback_query_id", "message_id", "url") if key in given}
        )
        if isinstance(result, dict) and "message_id" in result:
            call["message_id"] = result["message_id"]
        self.world.calls.append({**call, "error": error, "fault": fault})


async def _parameters(request: web.Request) -> dict[str, Any]:
    """From the query, a form, a multipart form or a JSON body."""
    given: dict[str, Any] = dict(request.query)
    try:
        if request.content_type == "application/json":
            body = json.loads(await request.text() or "{}")
            given.update(body if isinstance(body, dict) else {})
        elif request.method == "POST":
            given.update({key: str(value) for key, value in (await request.post()).items()})
    except ValueError:
        raise ApiError(400, "Bad Request: can't parse the request body") from None
    return given


def _chat_id(given: dict[str, Any]) -> int | None:
    text = str(given.get("chat_id", ""))
    return int(text) if text.lstrip("-").isdigit() else None


def _cut(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
