"""The engine's server: /turn, /parse and /health on a Unix socket, for the desk that started it."""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import json as json_response

from bot.engine.errors import BadRequest, EngineError, NotReady
from bot.engine.faults import misbehave
from bot.engine.quiet_logs import describe
from bot.engine.request import ParseRequest, TurnRequest
from bot.engine.turn import Engine

log = logging.getLogger(__name__)
LARGEST_BODY = 4 * 1024 * 1024  # bytes; the longest state is some 100 kB


class Holder:
    """The engine once it is loaded. Until then every turn is `not_ready`."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    def get(self) -> Engine:
        if self.engine is None:
            raise NotReady
        return self.engine


def create_app(holder: Holder, token: str, *, load: Callable[[], Engine], with_faults: bool = False) -> Sanic[Any, Any]:
    """`load` builds the engine, in a thread, once the socket answers; if it fails, the process ends."""
    app = Sanic("frontdesk-engine", configure_logging=False)
    app.config.update(
        ACCESS_LOG=False, REQUEST_MAX_SIZE=LARGEST_BODY, KEEP_ALIVE_TIMEOUT=600, GRACEFUL_SHUTDOWN_TIMEOUT=2.0
    )

    async def turn(body: Any) -> HTTPResponse:
        false_answer = await misbehave(body) if with_faults else None
        engine = holder.get()
        return false_answer or json_response(await engine.turn(TurnRequest.read(body, engine.release.id)))

    async def parse(body: Any) -> HTTPResponse:
        return json_response(holder.get().parse(ParseRequest.read(body)))

    async def health(_request: Request) -> HTTPResponse:
        release = holder.engine.release.id if holder.engine else None
        return json_response({"ready": release is not None, "release": release})

    app.add_route(_guarded(turn, token), "/turn", methods=["POST"], name="turn")
    app.add_route(_guarded(parse, token), "/parse", methods=["POST"], name="parse")
    app.add_route(health, "/health")
    app.exception(SanicException)(_refuse_request)
    app.register_listener(_loader(holder, load), "after_server_start")
    return app


def _guarded(answer: Callable[[Any], Awaitable[HTTPResponse]], token: str) -> Callable[..., Any]:
    """A route for the token's holder, whose every error is an `{error: {code}}` answer."""
    expected = f"Bearer {token}".encode()

    async def route(request: Request) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode("utf-8", "replace"), expected):
            return json_response({"error": {"code": "unauthorized"}}, status=401)
        try:
            return await answer(_parsed(request.body))
        except EngineError as error:
            _log(error)
            return json_response(error.as_json(), status=error.status)
        except Exception as error:
            log.error("turn broke %s", describe(error))
            return json_response(EngineError().as_json(), status=500)

    return route


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("body") from None


def _log(error: EngineError) -> None:
    if error.status == 500:
        log.error("turn failed %s", describe(error))


async def _refuse_request(_request: Request, error: SanicException) -> HTTPResponse:
    """What the server itself refuses: no such route, too large, malformed HTTP."""
    return json_response({"error": {"code": "bad_request"}}, status=error.status_code or 500)


def _loader(holder: Holder, load: Callable[[], Engine]) -> Callable[..., Any]:
    async def load_in_thread() -> None:
        holder.engine = await asyncio.to_thread(load)

    async def start(app: Sanic[Any, Any]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and task.exception():
                log.critical("cannot load the release %s", describe(task.exception()))  # type: ignore[arg-type]
                app.ctx.exit_code = 1
                app.stop(terminate=False)

        app.ctx.exit_code = 0
        app.ctx.loading = asyncio.get_running_loop().create_task(load_in_thread())
        app.ctx.loading.add_done_callback(ended)

    return start
