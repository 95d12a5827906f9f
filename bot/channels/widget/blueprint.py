"""The web channel's routes as one blueprint that the app mounts."""

from sanic import Blueprint, HTTPResponse, Request

from bot.channels.widget.api import add_api
from bot.channels.widget.front import Front, address_of
from bot.channels.widget.live import add_live
from bot.channels.widget.pages import add_pages
from bot.channels.widget.wire import NotAccepted
from bot.core.refused import Refused, Unavailable
from bot.desk.desk import Desk


def widget_blueprint(desk: Desk) -> Blueprint:
    """The widget's API under /api/v1, the plain page /chat and the example page /."""
    front, blueprint = Front.of(desk), Blueprint("widget")

    @blueprint.on_request
    def at_the_door(request: Request) -> HTTPResponse | None:
        return _at_the_door(front, request)

    @blueprint.on_response  # type: ignore[untyped-decorator]
    def answer_headers(request: Request, response: HTTPResponse) -> None:
        if response is not None and request.path.startswith("/api/"):
            front.origins.add_headers(request, response)
            response.headers.setdefault("cache-control", "no-store")

    @blueprint.exception(NotAccepted, Refused, Unavailable)  # type: ignore[untyped-decorator]
    def refused(request: Request, error: Exception) -> HTTPResponse:
        return front.refusal(request, error)

    add_api(blueprint, front)
    add_live(blueprint, front)
    add_pages(blueprint, front)
    return blueprint


def _at_the_door(front: Front, request: Request) -> HTTPResponse | None:
    """Pages of other sites stay outside, and a live connection needs a place before it is opened."""
    if not request.path.startswith("/api/"):
        return None
    if not front.origins.is_allowed(request):
        return front.refusal(request, NotAccepted(403, "not_allowed"))
    if request.path == "/api/v1/live" and not front.places.has_room(address_of(request)):
        return front.refusal(request, NotAccepted(503, "unavailable", retry_after=30))
    return None
