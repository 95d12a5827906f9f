"""Our side's training, as the trainer does it, measured like stock's: a process of its own at the same low priority."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.nlu.material import Material
from benchmarks.sample import ROOT
from benchmarks.stock.training import NICENESS
from bot.training.rasa_project import write_project


def train(material: Material, folder: Path) -> tuple[Path, dict[str, Any]]:
    """(the model, {"cold", "again"}: seconds, cpu_seconds, peak_mb). `again` has the examples' vectors, as every
    training but a department's first has; nothing else is kept."""
    shutil.rmtree(folder, ignore_errors=True)
    write_project(_alone(material), folder / "project", root=ROOT, languages=material.languages)
    taken = {name: _train(folder) for name in ("cold", "again")}
    return folder / "out" / "model.tar.gz", taken


def _alone(material: Material) -> Sequence[Any]:
    from benchmarks.sample import cut

    return cut(material.topics, languages=material.languages)


def _train(folder: Path) -> dict[str, float]:
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()
    command = [sys.executable, "-m", "bot.engine.build_model", "--project", str(folder / "project")]
    command += ["--out", str(folder / "out")]
    variables = {**os.environ, "FRONTDESK_VECTORS": str(folder / "vectors"), "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    with (folder / "training.log").open("ab") as log:
        process = psutil.Popen(["nice", "-n", str(NICENESS), *command], cwd=ROOT, env=variables, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"our training failed; see {folder / 'training.log'}")
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024, 1),
    }
