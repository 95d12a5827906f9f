"""Desk processes as a test sees them: started on a port and a database, killed, watched from outside."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).parents[2]


class Nursery:
    """Forks desks (tests/faults/nursery.py). All of them end with it."""

    def __enter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def fork(self, order: dict[str, Any]) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(json.loads(self.process.stdout.readline())["pid"])


@dataclass
class DeskProcess:
    """One desk, started any number of times with the same port, folder and database."""

    nursery: Nursery
    folder: Path
    environment: dict[str, str]
    engine: str = "fake"
    engine_arguments: tuple[str, ...] = ()
    port: int = field(default_factory=lambda: free_port())
    pid: int = 0
    starts: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "desk.log"

    @property
    def orders(self) -> Path:
        return self.folder / "orders"

    def start(self) -> None:
        self.orders.unlink(missing_ok=True)
        names = {"HOST": "127.0.0.1", "PORT": str(self.port), "ROOT": str(ROOT), "VAR": str(self.folder / "var")}
        environment = {f"FRONTDESK_{name}": value for name, value in {**names, **self.environment}.items()}
        self.pid = self.nursery.fork(
            {
                "environment": environment,
                "orders": str(self.orders),
                "log": str(self.log),
                "temporary": str(self.folder),
                "engine": self.engine,
                "engine_arguments": list(self.engine_arguments),
            }
        )
        self.handle = _handle(self.pid)
        self.starts += 1

    def arm(self, order: str) -> None:
        """Have the desk do `order` ("receive.after_commit kill") at the next such point."""
        waiting = self.orders.with_suffix(".new")
        waiting.write_text(order)
        waiting.replace(self.orders)

    def is_armed(self) -> bool:
        return self.orders.exists()

    def send(self, what: signal.Signals) -> None:
        if not self.is_dead():
            signal.pidfd_send_signal(self.handle, what)

    def is_dead(self) -> bool:
        return self.handle < 0 or bool(select.select([self.handle], [], [], 0)[0])

    async def dead(self, seconds: float = 15) -> float:
        """Wait for the process's end; the seconds it took. Raises TimeoutError."""
        began = time.monotonic()
        while not self.is_dead():
            if time.monotonic() - began > seconds:
                raise TimeoutError("the desk did not end")
            await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        await self.dead()

    async def get(self, path: str, seconds: float = 3) -> tuple[int, Any]:
        """Status and JSON; (0, None) while nobody answers."""
        try:
            timeout = aiohttp.ClientTimeout(total=seconds)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(self.url + path) as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return 0, None

    async def up(self, seconds: float = 20, *, path: str = "/health/live") -> float:
        """Wait until the desk answers 200; the seconds it took."""
        began = time.monotonic()
        while (await self.get(path))[0] != 200:
            if self.is_dead() or time.monotonic() - began > seconds:
                raise TimeoutError(f"the desk did not come up\n{self.log.read_text()[-3000:]}")
            await asyncio.sleep(0.03)
        return time.monotonic() - began

    async def restarted(self) -> float:
        self.start()
        return await self.up()

    async def engine_pids(self) -> list[int]:
        _, health = await self.get("/health/ready")
        return [one["pid"] for one in health["engines"]["engines"]] if health else []


def _handle(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return -1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
