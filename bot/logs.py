"""Structured logs: one JSON object a line, with ids and never with what a resident wrote."""

import logging
import sys

import structlog

# What these libraries log at INFO holds secrets (the bot token is in Telegram's addresses) or residents' words.
QUIET = (
    "alembic",
    "httpx",
    "httpcore",
    "telegram",
    "rasa",
    "rasa_sdk",
    "aiohttp",
    "sqlalchemy",
    "sanic.access",
    "sanic.root",
    "sanic.server",
    "asyncio",
    "websockets",
)


def configure(level: str = "INFO") -> None:
    """Set up logging for a process; every line goes to standard error."""
    wanted = getattr(logging, level.upper(), logging.INFO)
    logging.basicConfig(level=wanted, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(wanted),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_the_place,
            structlog.processors.JSONRenderer(),
        ],
    )


def _only_the_place(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception becomes its type and where it was raised: its message and values may quote a resident."""
    if event.pop("exc_info", None):
        kind, error, trace = sys.exc_info()
        places = []
        while trace:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        event["error"] = kind.__name__ if kind else "unknown"
        event["trace"] = places
        # A database error's own code says what is wrong and quotes nothing.
        if code_of := getattr(getattr(error, "orig", None), "sqlstate", None) or getattr(error, "code", None):
            event["code"] = str(code_of)
    return event
