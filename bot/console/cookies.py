"""The session's cookie: `__Host-`, Secure, HttpOnly, SameSite=Strict.

On http on this very machine some browsers do not keep a Secure cookie (Chromium does). There, and only there, a browser
that did not bring back the probe of the sign-in page gets a cookie without the prefix.
"""

from typing import TYPE_CHECKING

from sanic import HTTPResponse, Request

from bot.core.sign_in import COOKIE, LOOPBACK_COOKIE, PROBE_COOKIE, is_plain_loopback

if TYPE_CHECKING:
    from bot.desk.desk import Desk


def read_token(desk: "Desk", request: Request) -> str:
    """The session's token, empty where the browser sent none."""
    token = request.cookies.get(COOKIE)
    if not token and _is_plain(desk, request):
        token = request.cookies.get(LOOPBACK_COOKIE)
    return str(token or "")


def set_probe(desk: "Desk", request: Request, response: HTTPResponse) -> None:
    """With the sign-in page: see whether this browser keeps a Secure cookie here."""
    if _is_plain(desk, request):
        response.add_cookie(PROBE_COOKIE, "1", path="/", secure=True, httponly=True, samesite="Strict")


def set_token(desk: "Desk", request: Request, response: HTTPResponse, token: str) -> None:
    """Give the browser its session; an empty `token` takes it away."""
    is_weak = _is_plain(desk, request) and not request.cookies.get(PROBE_COOKIE)
    response.add_cookie(LOOPBACK_COOKIE if is_weak else COOKIE, token, path="/", secure=not is_weak, httponly=True,
                        samesite="Strict", max_age=None if token else 0)


def _is_plain(desk: "Desk", request: Request) -> bool:
    return is_plain_loopback(scheme=request.scheme, host=request.host, address=desk.settings.public_url)
