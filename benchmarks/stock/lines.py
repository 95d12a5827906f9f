"""One classifier as a process that reads texts and writes what it made of them; the same for both sides, on 3.10 too.

A line of JSON in ({"text"}), a line of JSON out: what `read` returned, with "ms" by the clock and "cpu_ms" of the
processor. The first line out is {"ready", "load_s", "start_s"}: seconds of loading the model, and since the process
began, which includes its imports.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def pin(core: int) -> None:
    """This process and all its threads on one core, where the system allows it."""
    try:
        os.sched_setaffinity(0, {core})
    except OSError:
        print("not pinned to one core", file=sys.stderr)


def answer_lines(load: Callable[[], Callable[[str], Any]]) -> None:
    """`load()` returns `read`, text -> dict. Runs until standard input ends."""
    lines, sys.stdout = sys.stdout, sys.stderr  # Rasa prints as it pleases; our caller reads JSON
    began = time.monotonic()
    read = load()
    ended = time.monotonic()
    started = ended - _began()
    print(json.dumps({"ready": True, "load_s": ended - began, "start_s": started}), file=lines, flush=True)
    for line in sys.stdin:
        text = json.loads(line)["text"]
        wall, used = time.perf_counter(), time.process_time()
        found = read(text)
        taken = {
            "ms": (time.perf_counter() - wall) * 1000,
            "cpu_ms": (time.process_time() - used) * 1000,
        }
        print(json.dumps({**found, **taken}), file=lines, flush=True)


def _began() -> float:
    """When this process began, on the clock of time.monotonic; both count from the machine's start."""
    with open("/proc/self/stat") as stat:
        ticks = stat.read().rsplit(")", 1)[1].split()[19]
    return int(ticks) / os.sysconf("SC_CLK_TCK")
