"""The webhook: Telegram's requests, told from others by a secret header, answered 200 once the update is stored."""

import hmac
import json

from sanic import Blueprint, Request, empty
from sanic import json as json_answer
from sanic.response import HTTPResponse

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.status import Status
from bot.channels.telegram.updates import BadUpdateError
from bot.core.refused import Unavailable

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_BODY = 1_000_000  # bytes; Telegram's updates are a few thousand


class Webhook:
    """`secrets`: the current one and, while it is rotated, the one before. `intake` is there once the desk runs."""

    def __init__(self, secrets: tuple[str, ...], status: Status) -> None:
        self.secrets, self.status = tuple(secret for secret in secrets if secret), status
        self.intake: Intake | None = None

    def blueprint(self) -> Blueprint:
        blueprint = Blueprint("telegram")
        blueprint.add_route(self.answer, PATH, methods=["POST"])
        return blueprint

    async def answer(self, request: Request) -> HTTPResponse:
        if not self._is_telegram(request.headers.get(HEADER, "")):
            self.status.refused_webhooks += 1
            return _refusal(401, "unauthorized")
        if self.intake is None:
            return _refusal(503, "not_ready")
        try:
            await self.intake.take(_update(request.body))
        except BadUpdateError:
            return _refusal(400, "bad_update")
        except Unavailable:
            return _refusal(503, "unavailable")
        return empty(status=200)

    def _is_telegram(self, given: str) -> bool:
        """Every secret is compared, each in constant time, so that the time taken tells nothing."""
        presented = given.encode("utf-8", "replace")
        return any(hmac.compare_digest(presented, secret.encode()) for secret in self.secrets)


def _update(body: bytes) -> object:
    """The body as JSON; raises BadUpdateError. Nested beyond reason counts as bad, too."""
    if len(body) > LONGEST_BODY:
        raise BadUpdateError("too large")
    try:
        update: object = json.loads(body)
    except (ValueError, RecursionError):
        raise BadUpdateError("not JSON") from None
    return update


def _refusal(status: int, code: str) -> HTTPResponse:
    return json_answer({"error": {"code": code}}, status=status)
