"""The actions' server: `POST /webhook` on a Unix socket of its own, inside the desk's process and event loop.

It is an aiohttp server, not a route of the desk's Sanic app: two Sanic apps in one process are a known trap, and a
route of the public app would need a test for how the request came in. Here nothing listens on TCP at all, so the public
address answers 404 for /webhook like for any page it does not have. The socket lies in a directory only we may enter
(0700); every call must carry the engine's random token and name, as sender_id, a turn that is open.
"""

import hmac
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from aiohttp import web
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions import all_actions
from bot.desk.effects import OpenTurns, TurnClosed

log = logging.getLogger(__name__)
# rasa_sdk quotes events and slots in its own lines; what matters of a failed action is logged here.
logging.getLogger("rasa_sdk").setLevel(logging.CRITICAL)

TokenCheck = Callable[[str], bool]
SHUTDOWN_TIMEOUT = 2.0  # seconds a running action may still have; its turn is given up anyway
LARGEST_CALL = 2 * 1024 * 1024  # bytes; a call holds a conversation's last events, some 20 kB


def same_token(token: str) -> TokenCheck:
    """A check for exactly one token, in constant time."""
    return lambda given: hmac.compare_digest(given.encode(), token.encode())


def create_action_app(
    is_token: TokenCheck, turns: OpenTurns, *, actions: Iterable[Action] | None = None
) -> web.Application:
    """The app behind the socket. `actions` are domain.yml's unless a test passes others."""
    executor = ActionExecutor()
    for action in all_actions(turns) if actions is None else actions:
        executor.register_action(action)

    async def webhook(request: web.Request) -> web.Response:
        if not is_token(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            return _refusal(401, "unauthorized")
        call = await _call_of(request)
        if call is None:
            return _refusal(400, "bad_request")
        if not turns.is_open(call["sender_id"]):
            return _refusal(409, "turn_closed")
        return await _run(executor, call)

    app = web.Application(client_max_size=LARGEST_CALL)
    app.router.add_post("/webhook", webhook)
    return app


async def start_action_server(
    path: Path, is_token: TokenCheck, turns: OpenTurns, *, actions: Iterable[Action] | None = None
) -> web.AppRunner:
    """Listens on the Unix socket `path` until the returned runner's `cleanup()` is awaited; replaces a stale socket."""
    _prepare(path)
    app = create_action_app(is_token, turns, actions=actions)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    os.chmod(path, 0o600)
    return runner


def _prepare(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


async def _call_of(request: web.Request) -> dict[str, Any] | None:
    try:
        call = await request.json()
    except (ValueError, web.HTTPRequestEntityTooLarge):
        return None
    if not isinstance(call, dict) or not isinstance(call.get("sender_id"), str):
        return None
    return call if isinstance(call.get("tracker"), dict) else None


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> web.Response:
    """Runs one action. What goes wrong is logged by name only, because a message or trace may quote the resident."""
    name, turn_id = call.get("next_action"), call["sender_id"]
    try:
        result = await executor.run(call)
        return web.json_response(result.model_dump() if result else {"events": [], "responses": []})
    except ActionNotFoundException:
        return _refusal(404, "unknown_action")
    except ActionExecutionRejection as rejection:
        return web.json_response({"action_name": rejection.action_name, "error": "rejected"}, status=400)
    except TurnClosed:
        return _refusal(409, "turn_closed")
    except Exception as error:
        log.error("action failed action=%s turn=%s error=%s at=%s", name, turn_id, type(error).__name__, _place(error))
        return _refusal(500, "action_failed")


def _place(error: BaseException) -> str:
    """File and line where the error came from, without the values that led to it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"


def _refusal(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code}}, status=status)
