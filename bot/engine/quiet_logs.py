"""Logs that cannot quote a resident: of everything Rasa and the server log, only the event's name and ids are kept.

Rasa logs residents' text at WARNING and whole events at DEBUG, and an exception's message may repeat what it choked on.
So at every level a line is the event's name, ids and, for an exception, its type and place. Our own modules' lines are
kept whole: they are written to hold ids only.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

KEPT_KEYS = ("level", "sender_id", "action_name", "policy_name", "model_id")
_EVENT_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_ID = re.compile(r"[\w.:-]{1,64}")


def install(level: int = logging.WARNING) -> None:
    """Makes every logger of this process, warning and uncaught exception quiet. Called before rasa is imported."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(QuietFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _report_uncaught
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, keep_name_and_ids, _as_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def keep_name_and_ids(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor. An event name that is a sentence may quote, so it becomes ``unnamed``."""
    name = str(event.get("event", ""))
    kept: dict[str, Any] = {"event": name if _EVENT_NAME.fullmatch(name) else "unnamed"}
    kept.update({key: event[key] for key in KEPT_KEYS if _ID.fullmatch(str(event.get(key, "")))})
    return kept


class QuietFormatter(logging.Formatter):
    """``LEVEL logger function:line`` for other people's lines, the message itself for ours."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith("bot.")
        said = record.getMessage() if ours else f"{record.funcName}:{record.lineno}"
        error = record.exc_info[1] if record.exc_info else None
        return f"{record.levelname} {record.name} {said}" + (f" {describe(error)}" if error else "")


def describe(error: BaseException) -> str:
    """An exception without its message: types along its causes and the file and line it came from."""
    types = [type(error).__name__]
    cause = error.__cause__ or error.__context__
    while cause and len(types) < 4:
        types.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return f"error={'<'.join(types)} at={place}"


def _as_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    level = str(event.pop("level", "info")).upper()
    return f"{level} rasa " + " ".join(f"{key}={value}" for key, value in event.items())


def _report_uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    print(f"CRITICAL engine {describe(error)}", file=sys.stderr)
