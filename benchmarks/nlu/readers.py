"""Both sides as running readers: each text goes to one and then to the other, so that both meet the same minutes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.sample import ROOT
from benchmarks.stock.project import ENVIRONMENT, VENV

# One pinned core has no use for more threads; they would only wait for one another.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "TF_INTRA_OP_PARALLELISM_THREADS": "1", "TF_INTER_OP_PARALLELISM_THREADS": "1",
}  # fmt: skip
WARM_UP = ("hello", "where do i pay a ticket", "thank you")
Line = dict[str, Any]


class Reader:
    """A process that reads texts; `ready`: load_s, start_s and memory_mb when it had loaded its model."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process, self._log = process, log
        self.ready = self._line() | {"memory_mb": self.memory_mb()}
        for text in WARM_UP:
            self.read(text)

    def read(self, text: str) -> Line:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"text": text}) + "\n")
        self._process.stdin.flush()
        return self._line()

    def facts(self) -> Line:
        """What `ready` says, and memory_after_mb: what it holds now."""
        return self.ready | {"memory_after_mb": self.memory_mb()}

    def memory_mb(self) -> float:
        return float(round(psutil.Process(self._process.pid).memory_info().rss / 1e6, 1))

    def _line(self) -> Line:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a reader ended; see {self._log}")
        return dict(json.loads(line))


@contextmanager
def ours(model: Path, log: Path, *, core: int) -> Iterator[Reader]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "benchmarks.nlu.reader", str(model), str(core)]
    with _running(command, {**kept, **ONE_THREAD, "PYTHONPATH": str(ROOT)}, log) as reader:
        yield reader


@contextmanager
def stock(model: Path, log: Path, *, core: int) -> Iterator[Reader]:
    command = [f"{VENV}/bin/python", "-m", "benchmarks.stock.reader", str(model), str(core)]
    with _running(command, {**ENVIRONMENT, **ONE_THREAD}, log) as reader:
        yield reader


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Reader]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_until_the_end:
        errors = open_until_the_end.enter_context(log.open("w"))
        process = open_until_the_end.enter_context(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        )
        open_until_the_end.callback(process.kill)
        yield Reader(process, log)


def read_both(here: Reader, there: Reader, texts: Sequence[str], told: Any) -> tuple[list[Line], list[Line]]:
    """What each made of every text, ours and stock's; they take turns at being first. `told(stage, share)`."""
    sides: tuple[list[Line], list[Line]] = ([], [])
    step = max(1, len(texts) // 10)
    for number, text in enumerate(texts):
        for place in (0, 1) if number % 2 else (1, 0):
            sides[place].append((here, there)[place].read(text))
        told(f"{number // step * step} of {len(texts)} messages read", (number + 1) / len(texts))
    return sides
