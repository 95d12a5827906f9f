"""Stock's trainings are long, so each is done once, also when two benchmarks want it and when one is interrupted."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.sample import ROOT
from benchmarks.stock.training import LOG, Training, finish, prepared

# What stands in for `rasa train`: says it is at an epoch, takes half a second, counts itself.
SCRIPT = """
import pathlib, sys, time
print("Epochs:  40%|####      | 40/100 [00:05<00:40, 2.1it/s]", flush=True)
time.sleep(float(sys.argv[1]))
with pathlib.Path("count").open("a") as count:
    count.write("x")
sys.exit(int(sys.argv[2]))
"""


def write(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "nlu.yml").write_text("version: '3.1'\n")


def training(cache: Path, *, seconds: float = 0.5, code: int = 0) -> Training:
    return prepared(write, cache, (sys.executable, "-c", SCRIPT, str(seconds), str(code)), examples=12)


def test_a_training_is_done_once_and_kept_with_what_it_took(tmp_path: Path):
    first, second = training(tmp_path), training(tmp_path)
    assert first.folder == second.folder
    assert first.record is None
    record = finish(first)
    assert record["examples"] == 12
    assert record["seconds"] >= 0.5
    assert set(record) == {"seconds", "cpu_seconds", "examples", "peak_mb"}
    assert finish(second) == record
    assert (first.folder / "count").read_text() == "x"


def test_two_that_want_the_same_training_share_it(tmp_path: Path):
    with ThreadPoolExecutor() as pool:
        records = list(pool.map(finish, [training(tmp_path), training(tmp_path)]))
    assert records[0] == records[1]
    assert (training(tmp_path).folder / "count").read_text() == "x"


def test_another_command_is_another_training(tmp_path: Path):
    assert training(tmp_path, seconds=0.5).folder != training(tmp_path, seconds=0.6).folder


def test_its_progress_is_told(tmp_path: Path):
    told: list[tuple[str, float]] = []
    finish(training(tmp_path, seconds=1.5), progress=lambda stage, share: told.append((stage, share)))
    assert told[-1] == ("stock is training, epoch 40 of 100", 0.4)


def test_a_training_that_fails_names_its_log_and_is_not_kept(tmp_path: Path):
    failing = training(tmp_path, code=3)
    with pytest.raises(SystemExit, match=LOG):
        finish(failing)
    assert failing.record is None


def test_it_goes_on_when_the_benchmark_is_interrupted(tmp_path: Path):
    wanted = training(tmp_path, seconds=2)
    code = f"""
import sys
from pathlib import Path
from benchmarks.stock.training import Training, finish
finish(Training(Path({str(wanted.folder)!r}), {wanted.command!r}, 12))
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not (wanted.folder / LOG).exists() and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    process.wait(30)
    assert wanted.record is None
    assert finish(wanted)["examples"] == 12
    assert (wanted.folder / "count").read_text() == "x"


def test_what_was_measured_here_says_how_long_the_next_takes(tmp_path: Path):
    wanted = prepared(write, tmp_path, ("rasa",), examples=1000)
    assert wanted.expected_seconds() == 1060.0
    (tmp_path / "other").mkdir()
    record = {"seconds": 260, "cpu_seconds": 300, "examples": 400, "peak_mb": 900}
    (tmp_path / "other" / "training.json").write_text(json.dumps(record))
    assert wanted.expected_seconds() == 560.0
