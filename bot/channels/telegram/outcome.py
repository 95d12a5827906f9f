"""What a failed call to Telegram means for a delivery: try later, never again, or nobody knows."""

import random
import re
from datetime import timedelta

import httpx
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.core.message import Delivery, DeliveryState

# The request never left: the connection was not made.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
LONGEST_WAIT = 60.0
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def of_error(error: TelegramError) -> Delivery:
    """WAITING without `retry_after` leaves the pause to the outbox. Errors are codes, never what was written."""
    if isinstance(error, RetryAfter):
        return Delivery(DeliveryState.WAITING, retry_after=seconds_of(error), error="too_many_requests")
    if isinstance(error, Forbidden):
        return Delivery(DeliveryState.FAILED, error="blocked", blocked=True)
    if isinstance(error, BadRequest):
        code = _code(error)
        return Delivery(DeliveryState.FAILED, error=code, blocked=code == "chat_not_found")
    if isinstance(error, InvalidToken):
        return Delivery(DeliveryState.WAITING, retry_after=LONGEST_WAIT, error="unauthorized")
    if _perhaps_sent(error):
        return Delivery(DeliveryState.UNKNOWN, error="answer_lost")
    return Delivery(DeliveryState.WAITING, error=name_of(error))


def backoff(tries: int) -> float:
    """Seconds to rest after `tries` failures: 1, 2, 4 ... 60, shortened at random so that two desks part ways."""
    return min(LONGEST_WAIT, 2.0 ** min(tries, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


def seconds_of(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def name_of(error: TelegramError) -> str:
    """A word for logs and health: never the library's message, which may hold the address and so the token."""
    cause = error.__cause__
    if isinstance(cause, httpx.HTTPError):
        return "cannot_connect" if isinstance(cause, _NOT_SENT) else "answer_lost"
    return {"NetworkError": "server_error"}.get(type(error).__name__, type(error).__name__)


def _perhaps_sent(error: TelegramError) -> bool:
    """The request was on its way when its answer got lost, or came as something that is no answer."""
    if type(error) is TelegramError:
        return True
    return isinstance(error.__cause__, httpx.HTTPError) and not isinstance(error.__cause__, _NOT_SENT)


def _code(error: BadRequest) -> str:
    """Telegram's words as a code: "Bad Request: chat not found" is chat_not_found."""
    words = _NOT_A_WORD.sub("_", error.message.casefold().removeprefix("bad request:")).strip("_")
    known = (
        "chat_not_found",
        "message_is_too_long",
        "message_text_is_empty",
        "button_data_invalid",
        "can_t_parse_entities",
    )
    return next((code for code in known if words.startswith(code)), "bad_request")
