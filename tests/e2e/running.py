"""The real thing as processes: a desk with its engine and a full release, and a simulated Telegram."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "e2e"
COMMAND = [sys.executable, "-m", "bot.cli"]


def prepared() -> Path:
    """A var folder with the topics imported and a first release trained; made once for the same topics and code."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("data/nlu/*.yml"), *ROOT.glob("data/rules/*"), *ROOT.glob("data/phrasing/*"),
                        *ROOT.glob("bot/engine/nlu/*.py"),
                        *ROOT.glob("bot/training/*.py"), *ROOT.glob("bot/store/migrations/versions/*.py"),
                        ROOT / "domain.yml", ROOT / "config.yml", ROOT / "department.yml"]):  # fmt: skip
        digest.update(path.read_bytes())
    folder = BUILD / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers want the same one
        _prepare(folder)
    return folder


def _prepare(folder: Path) -> None:
    if not (folder / "done").exists():
        environment = environment_for(folder)
        for arguments in (["topics", "import"], ["train"]):
            subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment, check=True, timeout=900)
        (folder / "done").touch()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A program that is ended with its block; what it prints is kept in `lines`."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.arguments, self.environment, self.lines = arguments, environment, list[str]()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.arguments, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        if self.process.stdout:
            self.process.stdout.close()

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        """The first printed line that matches; fails with everything printed when none does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in list(self.lines):
                if re.search(pattern, line):
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no line like {pattern!r} in:\n" + "".join(self.lines[-60:]))

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))


class RunningDesk(Process):
    """`frontdesk run` on a copy of the prepared database. `link` is the first admin's one-time link."""

    def __init__(self, folder: Path, **variables: str) -> None:
        var, template = folder / "var", prepared()
        var.mkdir(parents=True)
        for name in ("frontdesk.sqlite3", "secret.key"):
            if (template / name).exists():
                shutil.copy(template / name, var / name)
        (var / "releases").symlink_to(template / "releases")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        given = {f"FRONTDESK_{name.upper()}": value for name, value in variables.items()}
        super().__init__([*COMMAND, "run"], {**environment_for(var), "FRONTDESK_PORT": str(self.port), **given})

    def __enter__(self) -> Self:
        super().__enter__()
        self.wait_for("Frontdesk is ready")
        self.wait_for("Ctrl-C")
        return self

    @property
    def link(self) -> str:
        return self.wait_for("/console/welcome#", 5).strip()


class Telegram(Process):
    """The simulator, and what a person does in it."""

    def __init__(self) -> None:
        super().__init__([sys.executable, "-m", "bot.dev.telegram_simulator", "--port", "0"], environment_for(BUILD))

    def __enter__(self) -> Self:
        super().__enter__()
        said = json.loads(self.wait_for('"url"'))
        self.url, self.token = said["url"], said["token"]
        return self

    def act(self, user: int, do: str, **more: Any) -> None:
        self._call("/control/act", {"user": user, "do": do, **more})

    def messages(self, user: int) -> list[dict[str, Any]]:
        """The chat as this user sees it, oldest first."""
        found: list[dict[str, Any]] = self._call(f"/control/chat?chat={user}")["messages"]
        return found

    def wait_for_text(self, user: int, part: str, seconds: float = 30) -> dict[str, Any]:
        """The newest message of the bot that contains `part`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in reversed(self.messages(user)):
                if part in message.get("text", "") and message.get("from", {}).get("is_bot"):
                    return message
            time.sleep(0.1)
        raise AssertionError(f"Telegram never showed {part!r}; it shows {[m.get('text') for m in self.messages(user)]}")

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.loads(response.read())
        return answer


def environment_for(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    return {**kept, "FRONTDESK_VAR": str(var), "RASA_TELEMETRY_ENABLED": "false", "PYTHONUNBUFFERED": "1"}
