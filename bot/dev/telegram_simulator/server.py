"""The simulator as one aiohttp application on loopback."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.core.refused import Refused
from bot.dev.telegram_simulator.acts import Acts
from bot.dev.telegram_simulator.api import BotApi
from bot.dev.telegram_simulator.control import Control
from bot.dev.telegram_simulator.delivery import WebhookPusher
from bot.dev.telegram_simulator.faults import Faults
from bot.dev.telegram_simulator.limits import FloodLimits
from bot.dev.telegram_simulator.methods import Methods
from bot.dev.telegram_simulator.world import World

TOKEN = "4242:simulated-bot-token-that-opens-nothing"  # noqa: S105 - it opens the simulator and nothing else
HERE = Path(__file__).parent
BUILT = HERE.parent.parent / "static" / "dist"
WELCOME = """Simulated Telegram: {url}/
Start the desk in another terminal with
  FRONTDESK_TELEGRAM_API_URL={url} FRONTDESK_TELEGRAM_TOKEN={token} frontdesk run
Ctrl-C stops the simulator; nothing is kept."""
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


def create_simulator(token: str = TOKEN, *, scale: float = 1.0, faults: Faults | None = None) -> web.Application:
    """`scale` shortens Telegram's own times: flood limits, patience, redelivery (0.1: ten times as fast)."""
    world, faults, limits = World(token), faults or Faults(), FloodLimits(scale=scale)
    app = web.Application(middlewares=[_loopback_only], client_max_size=2**22)
    app.add_routes(BotApi(world, Methods(world, limits), faults).routes())
    app.add_routes(Control(world, Acts(world), faults, limits).routes())
    app.add_routes([web.get("/", _page), web.get("/simulator.js", _built), web.get("/simulator.css", _built)])
    app.cleanup_ctx.append(_pushing(WebhookPusher(world, faults, scale=scale)))
    return app


def run(port: int = 8081, *, token: str = TOKEN, scale: float = 1.0, as_json: bool = False) -> None:
    """Serve until interrupted. Port 0 picks a free one; `as_json` says address and token as one line for programs.

    Raises Refused when the port is taken.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(port, token, scale, as_json=as_json))


async def _serve(port: int, token: str, scale: float, *, as_json: bool) -> None:
    runner = web.AppRunner(create_simulator(token, scale=scale), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        await runner.cleanup()
        raise Refused(f"Port {port} is taken. Choose another with --port.") from error
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(json.dumps({"url": url, "token": token}) if as_json else WELCOME.format(url=url, token=token), flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


@web.middleware
async def _loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page of another site that names this address must not be able to speak here (DNS rebinding)."""
    if request.host.rsplit(":", 1)[0] not in LOOPBACK and request.host not in LOOPBACK:
        raise web.HTTPForbidden(text="The simulator answers on loopback only.")
    return await handler(request)


async def _page(_: web.Request) -> web.StreamResponse:
    return web.Response(
        text=(HERE / "page.html").read_text(),
        content_type="text/html",
        headers={"Content-Security-Policy": CONTENT_POLICY},
    )


async def _built(request: web.Request) -> web.StreamResponse:
    file = BUILT / request.path.lstrip("/")
    if not file.exists():
        raise web.HTTPNotFound(text="The front end is not built yet: node frontend/build.mjs")
    return web.FileResponse(file)


def _pushing(pusher: WebhookPusher):  # type: ignore[no-untyped-def]
    async def pushing(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(pusher.run())
        yield
        task.cancel()

    return pushing
