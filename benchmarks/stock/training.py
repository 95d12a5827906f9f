"""Stock Rasa's trainings: each done once and kept with what it took, in the background at low priority.

``python -m benchmarks.stock.training FOLDER EXAMPLES COMMAND...`` is the process that does one. It goes on when the
benchmark that began it is interrupted; the next benchmark that wants the same training waits for it or finds it done.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.sample import ROOT
from benchmarks.stock.project import ENVIRONMENT
from bot.training.release import data_hash

MODEL, RECORD, LOG, LOCK = "models/stock.tar.gz", "training.json", "training.log", "lock"
EPOCHS = re.compile(rb"(\d+)/(\d+) \[")
NICENESS = 19
POLL = 1.0  # seconds
SECONDS_AN_EXAMPLE = 1.0  # DIET's processor seconds on these machines; what was measured here counts more
SECONDS_TO_START = 60.0
ALL_EPOCHS = 100  # of the default pipeline
Told = Callable[[str, float], None]


@dataclass(frozen=True)
class Training:
    """One training to do. `folder` is its place in the cache, named by the hash of project, command and lock."""

    folder: Path
    command: tuple[str, ...]
    examples: int

    @property
    def model(self) -> Path:
        return self.folder / MODEL

    @property
    def record(self) -> dict[str, Any] | None:
        """{"seconds", "cpu_seconds", "examples"} of a finished training; None while there is none."""
        path = self.folder / RECORD
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def expected_seconds(self) -> float:
        """By the clock, from the largest training beside it that took longer than a start, else from experience."""
        records = [json.loads(path.read_text(encoding="utf-8")) for path in self.folder.parent.glob(f"*/{RECORD}")]
        known = max(records, key=lambda one: one.get("examples", 0), default=None)
        rate = SECONDS_AN_EXAMPLE
        if known and known.get("examples", 0) >= 200:
            rate = max(0.05, (known["seconds"] - SECONDS_TO_START) / known["examples"])
        return SECONDS_TO_START + rate * self.examples


def prepared(write: Callable[[Path], None], cache: Path, command: Sequence[str], *, examples: int) -> Training:
    """A training by `command` of the project that `write` puts into a folder."""
    cache.mkdir(parents=True, exist_ok=True)
    draft = cache / f".draft-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    write(draft)
    told = "\0".join([data_hash(draft), *command[1:]]).encode() + (ROOT / "stock" / "requirements.lock").read_bytes()
    folder = cache / hashlib.sha256(told).hexdigest()[:16]
    if folder.exists():
        shutil.rmtree(draft)
    else:
        draft.rename(folder)
    return Training(folder, tuple(command), examples)


def finish(training: Training, *, progress: Told = lambda stage, share: None) -> dict[str, Any]:
    """Its record, once it is done; begins it where nobody else has. Raises SystemExit when it fails."""
    while (record := training.record) is None:
        process = _begin(training)
        while process.poll() is None:
            _tell(training, progress)
            time.sleep(POLL)
        if process.returncode:
            raise SystemExit(f"stock Rasa's training failed; see {training.folder / LOG}")
    return record


def _begin(training: Training) -> "subprocess.Popen[bytes]":
    """The training's process; one that finds the same training under way waits for that and does nothing else."""
    command = [sys.executable, "-m", "benchmarks.stock.training", str(training.folder), str(training.examples)]
    command += training.command
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)


def _tell(training: Training, progress: Told) -> None:
    log = training.folder / LOG
    found = EPOCHS.findall(log.read_bytes()[-4000:]) if log.exists() else []
    if not found:
        progress("stock is starting to train", 0.0)
        return
    done, total = (int(number) for number in found[-1])
    progress(f"stock is training, epoch {done // 10 * 10} of {total}", done / max(1, total))


def main() -> None:
    """Train in FOLDER unless it has been done, alone in it, and leave the record last."""
    folder, examples, command = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    os.nice(NICENESS)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / RECORD).exists():
            _train(folder, examples, command)


def _train(folder: Path, examples: int, command: Sequence[str]) -> None:
    shutil.rmtree(
        folder / ".rasa", ignore_errors=True
    )  # what an interrupted training left would make this one look quick
    began = time.monotonic()
    with (folder / LOG).open("wb") as log:
        process = psutil.Popen([*command], cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(1)
    taken = {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "examples": examples,
        "peak_mb": round(used.ru_maxrss / 1024, 1),
    }
    draft = folder / f"{RECORD}.draft"
    draft.write_text(json.dumps(taken), encoding="utf-8")
    draft.rename(folder / RECORD)


if __name__ == "__main__":
    main()
