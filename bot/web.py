"""What every page and route shares: headers, the client's address, limits, plain errors."""

import time
from ipaddress import ip_address
from pathlib import Path

import structlog
from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import BaseHTTPResponse, HTTPResponse, empty, json

from bot.core.ids import secret_id
from bot.core.limits import Buckets
from bot.core.refused import Refused, Unavailable
from bot.desk.desk import Desk

log = structlog.get_logger()
DIST = Path(__file__).parent / "static" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp-report"
)
STATUS = {
    "conflict": 409,
    "too_long": 413,
    "already_claimed": 409,
    "not_yours": 409,
    "not_claimed": 409,
    "not_found": 404,
}


def prepare(app: Sanic, desk: Desk) -> None:
    """Register what concerns every request."""
    limit = Buckets(burst=desk.settings.address_burst, per_minute=desk.settings.address_per_minute)
    reports = {"count": 0}

    @app.on_request(priority=100)
    async def arrive(request: Request) -> HTTPResponse | None:
        request.ctx.id = secret_id()
        request.ctx.address = client_address(request, desk.settings.trusted_proxies)
        if not request.path.startswith(
            ("/static/", "/health/", "/telegram/", "/api/v1/messages", "/chat")
        ) and not limit.take(request.ctx.address, time.monotonic()):
            return json({"error": "Too many requests from this address. Please wait a moment."}, status=429)
        return None

    @app.on_response
    async def depart(request: Request, response: BaseHTTPResponse) -> None:
        headers = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "X-Request-Id": getattr(request.ctx, "id", ""),
        }
        if desk.settings.address.startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if not request.path.startswith("/static/"):
            headers["Cache-Control"] = "no-store"
        if request.path == "/static/dist/widget.js":
            # A page of another site that embeds the widget fetches this module with CORS; nothing secret is in it.
            headers["Access-Control-Allow-Origin"] = "*"
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    @app.post("/csp-report", name="csp_report")
    async def csp_report(_request: Request) -> HTTPResponse:
        reports["count"] += 1
        log.warning("csp.report", count=reports["count"])
        return empty()

    app.ctx.csp_reports = reports
    app.static("/static/dist", DIST, name="dist")
    _errors(app)


def _errors(app: Sanic) -> None:
    @app.exception(Refused)
    async def refused(_request: Request, error: Refused) -> HTTPResponse:
        return json({"error": str(error), "code": error.code}, status=STATUS.get(error.code, 400))

    @app.exception(Unavailable)
    async def unavailable(_request: Request, error: Unavailable) -> HTTPResponse:
        body = {
            "error": "Your message could not be stored yet. It is tried again.",
            "code": "unavailable",
            "emergency": error.emergency,
        }
        return json(body, status=503, headers={"Retry-After": "2"})

    @app.exception(SanicException)
    async def plain(_request: Request, error: SanicException) -> HTTPResponse:
        status = error.status_code or 500
        words = {
            404: "There is nothing at this address.",
            405: "This address does not take that kind of request.",
            413: "That is too large.",
            400: "That request could not be read.",
            408: "The request took too long.",
        }
        return json({"error": words.get(status, "That did not work.")}, status=status)

    @app.exception(Exception)
    async def bug(request: Request, error: Exception) -> HTTPResponse:
        log.error("request.failed", path=request.path, request=getattr(request.ctx, "id", ""), exc_info=error)
        return json({"error": "Something went wrong on our side. Please try again."}, status=500)


def client_address(request: Request, proxies: int) -> str:
    """The address that the outermost trusted proxy saw; X-Forwarded-For is believed only that far."""
    socket = request.conn_info.client_ip if request.conn_info else ""
    if not proxies:
        return socket or "local"
    chain = [
        part.strip() for part in ",".join(request.headers.getall("x-forwarded-for", [])).split(",") if part.strip()
    ]
    if len(chain) < proxies:
        return socket or "local"
    try:
        return str(ip_address(chain[-proxies]))
    except ValueError:
        return socket or "local"
