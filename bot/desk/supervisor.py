"""Starts, watches, restarts and switches engines. New turns go to the engines of the live release."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from bot.desk.engine import EngineAnswer, EngineFailed, SocketEngine
from bot.settings import Settings

log = structlog.get_logger()
ENGINE_COMMAND = (sys.executable, "-m", "bot.engine")


@dataclass
class EngineProcess:
    """One engine. `release` is the folder's name; `is_ready` what its health said last."""

    number: int
    release: str
    process: asyncio.subprocess.Process
    engine: SocketEngine
    is_ready: bool = False
    was_ready: bool = False
    missed: int = 0
    busy: int = 0


class Supervisor:
    """Runs `settings.engines` engines and answers turns through a ready one that is least busy."""

    def __init__(
        self, settings: Settings, *, extra_arguments: Sequence[str] = (), command: Sequence[str] = ENGINE_COMMAND
    ) -> None:
        self.settings, self._extra, self._command = settings, tuple(extra_arguments), tuple(command)
        # Unix socket paths hold about 100 bytes, so the folder is a short one; only this user may enter it.
        self.folder = Path(tempfile.mkdtemp(prefix="frontdesk-"))
        self.action_socket = self.folder / "actions.sock"
        self.token = secrets.token_hex(32)
        self.release: str | None = None
        self.restarts = 0
        self._engines: dict[int, EngineProcess] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._changed = asyncio.Condition()
        self._next = 0

    async def start(self, release: Path) -> None:
        """Start the engines of `release`; returns at once, `wait_ready` tells when one answers."""
        self.release = release.name
        for _ in range(self.settings.engines):
            self._launch(release)

    async def switch(self, release: Path, *, timeout: float) -> bool:
        """Start engines with `release`; when one is ready, send turns there, stop the old. False: nothing changed."""
        old, before = list(self._tasks), self.release
        new = [self._launch(release) for _ in range(self.settings.engines)]
        if not await self.wait_ready(timeout, release=release.name):
            await self._stop(new)
            return False
        self.release = release.name
        log.info("release.switched", before=before, now=self.release)
        await self._drain(old)
        await self._stop(old)
        return True

    async def stop(self) -> None:
        """Stop every engine and remove their sockets."""
        await self._stop(list(self._tasks))
        shutil.rmtree(self.folder, ignore_errors=True)

    async def turn(self, request: Mapping[str, Any], *, timeout: float) -> EngineAnswer:
        """One attempt at a turn. Raises EngineFailed; "not_ready" at once when no engine can take it."""
        chosen = self._ready(self.release)
        if chosen is None:
            raise EngineFailed("not_ready")
        chosen.busy += 1
        try:
            return await chosen.engine.turn({**request, "release": chosen.release}, timeout=timeout)
        finally:
            chosen.busy -= 1

    def is_ready(self) -> bool:
        return self._ready(self.release) is not None

    async def wait_ready(self, timeout: float, *, release: str | None = None) -> bool:
        """True as soon as an engine is ready, False after `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self._ready(release or self.release) is not None)
                return True
        return False

    def health(self) -> dict[str, Any]:
        engines = [
            {"number": one.number, "release": one.release, "ready": one.is_ready, "pid": one.process.pid}
            for one in self._engines.values()
        ]
        return {"ready": self.is_ready(), "release": self.release, "restarts": self.restarts, "engines": engines}

    def _ready(self, release: str | None) -> EngineProcess | None:
        able = [one for one in self._engines.values() if one.is_ready and one.release == release]
        return min(able, key=lambda one: one.busy, default=None)

    def _launch(self, release: Path) -> int:
        number, self._next = self._next, self._next + 1
        self._tasks[number] = asyncio.create_task(self._keep_running(number, release))
        return number

    async def _keep_running(self, number: int, release: Path) -> None:
        """Run one engine for good: a dead or silent one is replaced, sooner at first, later when it keeps dying."""
        pause = 0.1
        try:
            while True:
                started = asyncio.get_running_loop().time()
                try:
                    await self._run_once(number, release)
                except OSError:
                    log.exception("engine.not_started", engine=number)
                self.restarts += 1
                lived = asyncio.get_running_loop().time() - started
                pause = 0.1 if lived > 60 else min(pause * 2, 5.0)
                log.warning("engine.ended", engine=number, lived=round(lived, 1))
                await asyncio.sleep(pause)
        finally:
            await self._end(number)

    async def _run_once(self, number: int, release: Path) -> None:
        socket = self.folder / f"e{number}.sock"
        socket.unlink(missing_ok=True)
        _keep_files_to_ourselves()
        process = await asyncio.create_subprocess_exec(
            *self._command,
            "serve",
            "--release",
            os.path.abspath(release),
            "--socket",
            str(socket),
            "--action-socket",
            str(self.action_socket),
            *self._extra,
            stdin=asyncio.subprocess.PIPE,
            cwd=os.path.abspath(self.settings.root),
            env=_empty_environment(),
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({"token": self.token}).encode() + b"\n")
        one = EngineProcess(number, release.name, process, SocketEngine(socket, self.token))
        self._engines[number] = one
        try:
            await self._watch(one)
        finally:
            await self._end(number)

    async def _watch(self, one: EngineProcess) -> None:
        """Return when the engine has ended, or has not answered for so long that it must be ended."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self.settings.engine_start_seconds
        ended = asyncio.create_task(one.process.wait())
        try:
            while not ended.done():
                await self._ask(one)
                if one.missed >= 3 and (one.was_ready or loop.time() > give_up):
                    log.warning("engine.silent", engine=one.number)
                    return
                pause = self.settings.engine_health_seconds if one.is_ready else 0.1
                await asyncio.wait({ended}, timeout=pause)
        finally:
            ended.cancel()

    async def _ask(self, one: EngineProcess) -> None:
        try:
            answer = await one.engine.health(timeout=self.settings.engine_health_seconds)
            ready = answer.get("ready") is True and answer.get("release") == one.release
            one.missed = 0
        except EngineFailed:
            ready = False
            one.missed += 1
        if ready != one.is_ready:
            one.is_ready, one.was_ready = ready, one.was_ready or ready
            log.info("engine.ready" if ready else "engine.not_ready", engine=one.number, release=one.release)
            async with self._changed:
                self._changed.notify_all()

    async def _drain(self, numbers: Sequence[int]) -> None:
        """Let turns that run on the old engines end."""
        for _ in range(int(self.settings.attempt_seconds * 10)):
            if not any(self._engines[number].busy for number in numbers if number in self._engines):
                return
            await asyncio.sleep(0.1)

    async def _stop(self, numbers: Sequence[int]) -> None:
        tasks = [self._tasks.pop(number) for number in numbers if number in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self, number: int) -> None:
        one = self._engines.pop(number, None)
        if one is None:
            return
        with contextlib.suppress(ProcessLookupError):
            one.process.kill()  # an engine keeps nothing: there is nothing to save
        await one.process.wait()
        await one.engine.close()


def _keep_files_to_ourselves() -> None:
    """No engine inherits what the desk has open.

    uvloop closes nothing in a child, and Sanic marks its listening socket as inheritable: an engine that outlives its
    killed desk for a moment would hold the public port, and the next desk could not start.
    """
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            if int(name) > 2:
                os.set_inheritable(int(name), False)


def _empty_environment() -> dict[str, str]:
    """What an engine may know: no secret, no network address, no telemetry."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        if name in os.environ
    }
    return {**kept, "RASA_TELEMETRY_ENABLED": "false", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
