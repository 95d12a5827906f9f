"""The two sides as running processes: how long they take to get ready, and how much memory they hold."""

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from benchmarks.sample import ROOT
from benchmarks.stock.project import ENVIRONMENT, VENV

PATIENCE = 300.0  # seconds a side may take to get ready before the run is given up
UNLIMITED = (
    "BURST_MESSAGES", "MESSAGES_PER_MINUTE", "ADDRESS_BURST", "ADDRESS_PER_MINUTE", "NEW_CHATS_PER_MINUTE",
)  # fmt: skip
"""Limits of the desk that a single measuring client would meet; stock Rasa has none."""


@dataclass
class Side:
    """One side under measurement. `parts`: name -> process; `ready`: seconds from its start, by name."""

    url: str
    parts: dict[str, psutil.Process] = field(default_factory=dict)
    ready: dict[str, float] = field(default_factory=dict)

    def memory(self) -> dict[str, float]:
        """Resident memory of each part with its children that are no part themselves, in MB."""
        own = {one.pid for one in self.parts.values()}
        return {name: round(sum(_resident(one, own)) / 1e6, 1) for name, one in self.parts.items()}


    def cpu(self) -> dict[str, float]:
        """Processor seconds each part has used, its children's included."""
        own = {one.pid for one in self.parts.values()}
        return {name: sum(_used(one, own)) for name, one in self.parts.items()}


def _used(process: psutil.Process, own: set[int]) -> Iterator[float]:
    times = process.cpu_times()
    yield times.user + times.system
    for child in process.children():
        if child.pid not in own:
            yield from _used(child, own)


def _resident(process: psutil.Process, own: set[int]) -> Iterator[int]:
    yield process.memory_info().rss
    for child in process.children():
        if child.pid not in own:
            yield from _resident(child, own)


@contextmanager
def desk(var: Path, log: Path) -> Iterator[Side]:
    """``frontdesk run`` on `var`, which holds a database and a live release."""
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    limits = {f"FRONTDESK_{name}": "1000000" for name in UNLIMITED}
    more = {"FRONTDESK_VAR": str(var), "FRONTDESK_PORT": str(port), "FRONTDESK_LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "bot.cli", "run"]
    with _process(command, {**kept, **limits, **more}, ROOT, log) as (process, began):
        side = Side(f"http://127.0.0.1:{port}", {"desk": process})
        side.ready["desk"] = _wait(f"{side.url}/health/live", process, began)
        whole = _wait(f"{side.url}/health/ready", process, began)
        (engine,) = [child for child in process.children() if "bot.engine" in child.cmdline()]
        side.parts["engine"] = engine
        side.ready["engine"] = round(time.time() - engine.create_time(), 2)
        side.ready["both"] = whole
        yield side


@contextmanager
def stock(model: Path, log: Path) -> Iterator[Side]:
    """``rasa run`` with `model` and its rest channel, and its action server."""
    port, action_port = free_port(), free_port()
    folder = model.parents[1]
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{action_port}/webhook\n")
    run = [f"{VENV}/bin/rasa", "run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
    run += ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
    actions = [f"{VENV}/bin/python", "-m", "rasa_sdk", "--actions", "benchmarks.stock.actions"]
    with ExitStack() as both:
        server, _ = both.enter_context(
            _process([*actions, "--port", str(action_port)], ENVIRONMENT, ROOT, log.with_suffix(".actions.log"))
        )
        process, began = both.enter_context(_process(run, ENVIRONMENT, folder, log))
        side = Side(f"http://127.0.0.1:{port}", {"rasa": process, "actions": server})
        side.ready["rasa"] = _wait(f"{side.url}/", process, began)
        _wait(f"http://127.0.0.1:{action_port}/health", server, began)
        yield side


@contextmanager
def _process(
    command: list[str], environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[tuple[psutil.Process, float]]:
    began = time.monotonic()
    with log.open("ab") as out:
        process = psutil.Popen(command, cwd=folder, env=dict(environment), stdout=out, stderr=out)
    try:
        yield process, began
    finally:
        process.terminate()
        try:
            process.wait(20)
        except psutil.TimeoutExpired:
            process.kill()


def _wait(url: str, process: psutil.Process, began: float) -> float:
    """Seconds from `began` until `url` answers 200."""
    while time.monotonic() - began < PATIENCE:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            break
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return round(time.monotonic() - began, 2)
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"{url} did not get ready; its log is under build/")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
