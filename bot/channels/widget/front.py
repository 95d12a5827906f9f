"""What every route of the web channel shares: the desk, the sessions, the rules, and how a refusal is answered."""

import time
from dataclasses import dataclass

from sanic import HTTPResponse, Request
from sanic.response import json

from bot.channels.widget.origins import Origins
from bot.channels.widget.places import Places
from bot.channels.widget.sessions import Sessions
from bot.channels.widget.wire import NotAccepted, Posted
from bot.core.limits import Buckets
from bot.core.message import IncomingMessage, Kind
from bot.core.refused import Refused
from bot.desk.desk import Desk
from bot.desk.views import ConversationView, Received

CHANNEL = "widget"
STATUS = {"conflict": (409, "conflict"), "too_long": (413, "too_long")}
COMMAND_TEXTS = {"human": "widget_ask_person", "assistant": "widget_ask_assistant"}


@dataclass(frozen=True)
class Front:
    """The web channel's own parts around a desk."""

    desk: Desk
    sessions: Sessions
    origins: Origins
    places: Places
    beginnings: Buckets
    requests: Buckets

    @classmethod
    def of(cls, desk: Desk) -> "Front":
        settings = desk.settings
        beginnings = Buckets(burst=settings.new_chats_per_minute, per_minute=settings.new_chats_per_minute)
        places = Places(settings.sockets, settings.sockets_per_address)
        requests = Buckets(burst=settings.address_burst, per_minute=settings.address_per_minute)
        return cls(desk, Sessions(settings.key()), Origins(settings), places, beginnings, requests)

    def say(self, key: str, language: str | None, **values: str) -> str:
        return self.desk.words.say(key, self.desk.words.known(language), **values)

    async def conversation(self, token: str) -> tuple[str, ConversationView]:
        """The conversation of `token` and its key. Raises NotAccepted(401) when there is none."""
        if self.sessions.is_ours(token):
            chat_key = self.sessions.chat_key(token)
            if view := await self.desk.conversation(chat_key):
                return chat_key, view
        raise NotAccepted(401, "unknown_session")

    async def receive(self, token: str, posted: Posted) -> Received:
        """Hand a message to the desk. Raises Refused and Unavailable as the desk does."""
        chat_key = self.sessions.chat_key(token)
        kind, text = Kind.TEXT, posted.text or ""
        if posted.button:
            kind = Kind.BUTTON
        elif posted.command:
            kind, text = Kind.COMMAND, self._command_text(posted)
        return await self.desk.receive(
            IncomingMessage(
                channel=CHANNEL,
                chat_key=chat_key,
                external_id=f"{chat_key}:{posted.client_id}",
                kind=kind,
                text=text,
                button=posted.button,
                command=posted.command,
                language_hint=self._spoken(posted.language),
            )
        )

    def let_in(self, request: Request, posted: Posted, *, is_first: bool) -> None:
        """Raises NotAccepted(429) when an address writes or begins too much. An emergency passes every limit."""
        address, now = address_of(request), time.monotonic()
        is_within = self.requests.take(address, now)
        if is_first:
            is_within = self.beginnings.take(address, now) and is_within
        if not is_within and self.desk.inbox.gate.check(posted.text or "") is None:
            raise NotAccepted(429, "too_many", retry_after=60 if is_first else 5)

    def let_read(self, request: Request) -> None:
        """Raises NotAccepted(429) when an address asks for too much."""
        if not self.requests.take(address_of(request), time.monotonic()):
            raise NotAccepted(429, "too_many", retry_after=5)

    def refusal(self, request: Request, error: Exception) -> HTTPResponse:
        """Any refusal as JSON: ``{error: {code, message}}``, and ``emergency`` where a notice must be shown anyway."""
        status, code, after = _status(error)
        message = self.say(f"widget_error_{code}", request.headers.get("accept-language", "")[:2])
        body: dict[str, object] = {"error": {"code": code, "message": message}}
        if emergency := getattr(error, "emergency", None):
            body["emergency"] = emergency
        return json(body, status=status, headers={"retry-after": str(after)} if after else None)

    def _command_text(self, posted: Posted) -> str:
        key = COMMAND_TEXTS.get(posted.command or "")
        return self.say(key, posted.language) if key else f"/{posted.command}"

    def _spoken(self, language: str | None) -> str | None:
        return self.desk.words.known(language) if language in self.desk.department.languages else None


def bearer(request: Request) -> str | None:
    """The token of the Authorization header; None without the header. Raises NotAccepted(401) for another scheme."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAccepted(401, "unknown_session")
    return str(token.strip())


def address_of(request: Request) -> str:
    """Where the request comes from; the app knows which proxies to believe."""
    return str(getattr(request.ctx, "address", None) or request.ip)


def _status(error: Exception) -> tuple[int, str, int]:
    if isinstance(error, NotAccepted):
        return error.status, error.code, error.retry_after
    if isinstance(error, Refused):
        return *STATUS.get(error.code, (400, "bad_request")), 0
    return 503, "unavailable", 2
