"""What a training tells about itself while it runs: JSON lines for the command line's bar, or a plain line a stage."""

import json
import sys
from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


def silent(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


def as_json(stage: str, done: int, total: int) -> None:
    """One object a line on standard output: {"stage", "done", "total"}."""
    print(json.dumps({"stage": stage, "done": done, "total": total}), flush=True)


def as_text(stage: str, done: int, total: int) -> None:
    """One line on standard error when a stage is over."""
    if done >= total:
        print(f"{stage}: done", file=sys.stderr, flush=True)
