"""Who may do what in the console: every route and its roles. A route that is not listed is closed to everybody."""

import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sanic.server.websockets.impl import WebsocketImplProtocol as Socket
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.cookies import read_token
from bot.core.refused import Refused
from bot.core.sign_in import is_same_origin
from bot.core.staff import Role
from bot.store import audit, sessions

if TYPE_CHECKING:
    from bot.desk.desk import Desk

NOBODY = "nobody"
EVERYONE = frozenset({NOBODY, Role.STAFF.value, Role.ADMIN.value})
STAFF = frozenset({Role.STAFF.value, Role.ADMIN.value})
ADMIN = frozenset({Role.ADMIN.value})

ACCESS: dict[str, frozenset[str]] = {
    "sign_in": EVERYONE, "post_sign_in": EVERYONE,
    "welcome": EVERYONE, "post_welcome": EVERYONE,
    "sign_out": STAFF, "language": STAFF,
    "queue": STAFF, "queue_live": STAFF,
    "conversation": STAFF, "conversation_live": STAFF,
    "claim": STAFF, "reply": STAFF, "resolve": STAFF, "hand_back": STAFF,
    "messages": STAFF, "handled": STAFF, "reply_here": STAFF,
    "staff": ADMIN, "invite": ADMIN, "sign_out_everywhere": ADMIN, "deactivate": ADMIN, "activate": ADMIN,
}
_ID = re.compile(r"[0-9a-f-]{36}")
BEFORE_SIGN_IN = {"post_sign_in", "post_welcome"}


class Guard:
    """Stands before every console route: where the request came from, who makes it, whether their role allows it.

    The check runs as the blueprint's middleware, which comes before a WebSocket's handshake. Routes are added here too,
    so that one the check did not run for answers nobody.
    """

    def __init__(self, desk: "Desk", blueprint: Blueprint) -> None:
        self.desk, self._blueprint = desk, blueprint

        # A function: Sanic drops a blueprint's middleware without a word when it is an object with __call__.
        async def check(request: Request) -> HTTPResponse | None:
            return await self.check(request)

        blueprint.middleware(check, "request")

    def add(self, handler: Callable[..., Awaitable[HTTPResponse]], path: str, name: str, method: str = "GET") -> None:
        async def guarded(request: Request, **parts: str) -> HTTPResponse:
            _demand_checked(request, name)
            return await handler(request, **parts)

        self._blueprint.add_route(guarded, path, methods=[method], name=name)

    def add_live(self, handler: Callable[..., Awaitable[None]], path: str, name: str) -> None:
        async def guarded(request: Request, socket: Socket, **parts: str) -> None:
            _demand_checked(request, name)
            await handler(request, socket, **parts)

        self._blueprint.add_websocket_route(guarded, path, name=name)

    async def check(self, request: Request) -> HTTPResponse | None:
        """None where the request may go on, else where to send the browser. Raises Refused."""
        name = route_name(request)
        request.ctx.session = await self.session_of(request)
        request.ctx.staff = request.ctx.session.staff if request.ctx.session else None
        if request.method != "GET" or is_websocket(request):
            self._demand_own_page(request)
        role = request.ctx.staff.role.value if request.ctx.staff else NOBODY
        if role not in ACCESS.get(name, frozenset()):
            return await self._turn_away(request, name)
        if request.method != "GET" and name not in BEFORE_SIGN_IN:
            demand_token(request)
        if request.ctx.session and not is_websocket(request):
            await self.touch(request)
        request.ctx.checked = name
        return None

    async def session_of(self, request: Request) -> sessions.StaffSession | None:
        token = read_token(self.desk, request)
        if not token:
            return None
        return await self.still_good(sessions.hash_of(token))

    async def still_good(self, token_hash: str) -> sessions.StaffSession | None:
        """The session, None once it was ended or ran out. Live connections ask again and again."""
        settings, now = self.desk.settings, self.desk.clock()
        idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
        return await self.desk.db.read(lambda tx: sessions.find(tx, token_hash, now=now, idle=idle, longest=longest))

    async def touch(self, request: Request) -> None:
        """The person is there: their session's idle time begins anew."""
        session, now = request.ctx.session, self.desk.clock()
        if session.is_due(now):
            await self.desk.db.write(lambda tx: sessions.touch(tx, session.token_hash, now))

    def _demand_own_page(self, request: Request) -> None:
        headers = request.headers
        if not is_same_origin(origin=headers.get("origin"), fetch_site=headers.get("sec-fetch-site"),
                              host=request.host, address=self.desk.settings.address):
            raise Refused("This request did not come from a page of the console.", code="wrong_page")

    async def _turn_away(self, request: Request, name: str) -> HTTPResponse | None:
        staff, now = request.ctx.staff, self.desk.clock()
        if staff is None:
            if request.method == "GET" and not is_websocket(request):
                return redirect(f"/console/sign-in?next={request.path}", status=303)
            raise Refused("Please sign in first.", code="sign_in_first")
        detail = {"path": request.path[:200]}
        await self.desk.db.write(lambda tx: audit.append(tx, staff.username, "refused", name, detail, now))
        raise Refused("Your role does not allow this.", code="not_allowed")


def _demand_checked(request: Request, name: str) -> None:
    if getattr(request.ctx, "checked", None) != name:
        raise RuntimeError(f"Nobody checked who may use the console's route {name!r}.")


def route_name(request: Request) -> str:
    """The route's own name, without those of app and blueprint."""
    return str(request.endpoint or "").rsplit(".", 1)[-1]


def is_websocket(request: Request) -> bool:
    return bool(request.scheme in {"ws", "wss"} or request.headers.get("upgrade", "").lower() == "websocket")


def demand_token(request: Request) -> None:
    """The session's own token must come with a form, or in a header. Raises Refused."""
    given = request.headers.get("x-csrf-token") or field(request, "csrf")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), request.ctx.session.csrf.encode()):
        raise Refused("This form is out of date. Reload the page and try again.", code="wrong_page")


def field(request: Request, name: str) -> str:
    """A form field, empty where it was not sent."""
    form = request.form
    return str(form.get(name) or "") if form else ""


def an_id(text: str) -> str:
    """`text` where it can be an id, else one that nothing has: PostgreSQL takes no NUL, not even in a question."""
    return text if _ID.fullmatch(text) else "none"


def address_of(request: Request) -> str:
    """The client's address; the app has worked out what a proxy in front says."""
    return str(getattr(request.ctx, "address", None) or request.ip or "unknown")


async def record(tx: AsyncConnection, request: Request, action: str, thing: str, now: datetime, **detail: str) -> None:
    """An audit row for what the signed-in person did."""
    await audit.append(tx, request.ctx.staff.username, action, thing, detail, now)
