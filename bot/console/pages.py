"""The console as one blueprint: sign-in, queue, conversations, staff list, live updates."""

from typing import TYPE_CHECKING

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import json

from bot.console import absent, conversation, left_messages, live, queue, sign_in, staff_list
from bot.console.access import Guard
from bot.console.conversation import REPLY_CHARACTERS, wants_json
from bot.console.passwords import Passwords
from bot.console.render import Renderer, Said, language_of
from bot.core.refused import Refused, Unavailable

if TYPE_CHECKING:
    from bot.desk.desk import Desk

STATUS = {"sign_in_first": 401, "not_allowed": 403, "wrong_page": 403, "not_found": 404, "unknown_staff": 404,
          "unavailable": 503}


def console_blueprint(desk: "Desk", *, passwords: Passwords | None = None) -> Blueprint:
    """Every route of the console, below /console. Each is listed in access.ACCESS, or it is closed."""
    blueprint = Blueprint("console", url_prefix="/console")
    renderer, guard = Renderer(desk), Guard(desk, blueprint)
    waiting, one = queue.Queue(desk, renderer), conversation.Conversation(desk, renderer)
    blueprint.middleware(_keep_private, "response")
    sign_in.add_routes(guard, desk, renderer, passwords or Passwords())
    queue.add_routes(guard, waiting)
    conversation.add_routes(guard, one)
    live.add_routes(guard, live.Live(guard, renderer, waiting, one))
    left_messages.add_routes(guard, left_messages.LeftMessages(desk, renderer))
    staff_list.add_routes(guard, staff_list.StaffList(desk, renderer))
    absent.add_listeners(blueprint, absent.Absent(desk))
    edge = Edge(desk, renderer)
    blueprint.exception(Refused)(edge.refused)
    blueprint.exception(Unavailable)(edge.unavailable)
    return blueprint


class Edge:
    """Where refusals become pages, or JSON for the page's own script."""

    def __init__(self, desk: "Desk", renderer: Renderer) -> None:
        self.desk, self.renderer = desk, renderer

    async def refused(self, request: Request, refused: Refused) -> HTTPResponse:
        return self._answer(request, refused.code, str(refused))

    async def unavailable(self, request: Request, error: Unavailable) -> HTTPResponse:
        return self._answer(request, "unavailable", str(error))

    def _answer(self, request: Request, code: str, text: str) -> HTTPResponse:
        status, language = STATUS.get(code, 409), language_of(self.desk, request)
        key = f"console_refused_{code}"
        if key in self.desk.words.keys(language):
            text = Said(self.desk, language).text(f"refused_{code}", most=REPLY_CHARACTERS)
        if wants_json(request):
            return json({"error": {"code": code, "message": text}}, status=status)
        return self.renderer.page(request, "error.html", status=status, message=text)


async def _keep_private(request: Request, response: HTTPResponse) -> None:
    """Residents' words stay out of every cache, also the browser's own after signing out."""
    response.headers["cache-control"] = "no-store"
    # With "no-referrer" a browser sends "Origin: null" with our own forms, and some send no Sec-Fetch-Site beside it.
    response.headers["referrer-policy"] = "same-origin"
