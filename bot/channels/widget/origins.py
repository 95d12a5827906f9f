"""Which web sites may talk to the desk: its own, and those in the setting `widget_origins`."""

from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from bot.settings import Settings

ALLOWED = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-max-age": "600",
}


class Origins:
    """The rule, asked for every request that a browser says comes from a page."""

    def __init__(self, settings: Settings) -> None:
        given = (origin.strip().rstrip("/").lower() for origin in settings.widget_origins.split(","))
        self._embedding = {origin for origin in given if origin}
        self._own = _origin_of(settings.address)

    def is_allowed(self, request: Request) -> bool:
        """True without an Origin header: no browser page sent it, or only read from its own site."""
        origin = request.headers.get("origin")
        return origin is None or self.is_own(request) or origin.lower() in self._embedding

    def is_own(self, request: Request) -> bool:
        """True when the page that sent this came from the desk itself (a proxy keeps the Host header)."""
        origin = request.headers.get("origin", "").lower()
        if origin in ("", "null"):
            return request.headers.get("sec-fetch-site", "same-origin" if not origin else "") == "same-origin"
        return origin == self._own or urlsplit(origin).netloc == request.headers.get("host", "").lower()

    def add_headers(self, request: Request, response: HTTPResponse) -> None:
        """Let an allowed page on another site read the answer. Never with credentials: there are none to send."""
        origin = request.headers.get("origin", "").lower()
        response.headers["vary"] = "Origin"
        if origin in self._embedding:
            response.headers["access-control-allow-origin"] = origin
            response.headers.update(ALLOWED)


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
