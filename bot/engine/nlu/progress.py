"""Progress of a training, told to whoever started the process: one JSON object a line on the stream it asked for."""

import json
import sys
from collections.abc import Mapping
from threading import Lock
from typing import TextIO

_STREAM: TextIO = sys.stderr
_WANTED = False
_LOCK = Lock()


def tell(stream: TextIO) -> None:
    """From now on `report` writes to `stream`; called once, where the process begins."""
    global _STREAM, _WANTED
    _STREAM, _WANTED = stream, True


def report(stage: str, done: int, total: int) -> None:
    """`stage` in plain words; `done` of `total` steps of it."""
    if _WANTED:
        _say({"stage": stage, "done": done, "total": total})


def publish(figures: Mapping[str, object]) -> None:
    """Figures of the finished model for the release's record: thresholds, accuracy held out, calibration error."""
    if _WANTED:
        _say({"figures": dict(figures)})


def _say(document: Mapping[str, object]) -> None:
    with _LOCK:  # two encoders report at once; their lines must not run into each other
        _STREAM.write(json.dumps(document) + "\n")
        _STREAM.flush()
