"""A real engine process, and the desk's side of a conversation with it."""

import json
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rasa_sdk import Action

from bot.action_route import same_token, start_action_server
from bot.core.effects import Effect
from bot.desk.effects import OpenTurns, TurnContext

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef" * 4


@dataclass
class RunningEngine:
    process: "subprocess.Popen[bytes]"
    socket: Path
    action_socket: Path
    log: Path

    @classmethod
    @contextmanager
    def started(cls, release: Path, folder: Path, *switches: str, wait: bool = True) -> Iterator["RunningEngine"]:
        short = Path(tempfile.mkdtemp(prefix="fd"))  # a Unix socket's path may have 107 characters
        listening, actions, log = short / "engine.sock", short / "actions.sock", folder / f"{uuid.uuid4().hex}.log"
        command = [
            sys.executable, "-m", "bot.engine", "serve", "--release", str(release), "--socket", str(listening),
            "--action-socket", str(actions), "--log-level", "DEBUG", *switches,
        ]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT)
        assert process.stdin
        process.stdin.write(json.dumps({"token": TOKEN}).encode() + b"\n")
        process.stdin.flush()
        engine = cls(process, listening, actions, log)
        try:
            if wait:
                engine.wait_ready()
            yield engine
        finally:
            process.stdin.close()
            process.terminate()
            process.wait(10)

    def wait_ready(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            if self.health().get("ready"):
                return
            time.sleep(0.1)
        raise AssertionError(f"the engine did not become ready\n{self.log.read_text()[-3000:]}")

    def health(self) -> dict[str, Any]:
        """What /health says; empty while nothing listens."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"GET /health HTTP/1.0\r\nHost: engine\r\n\r\n")
                answer = b"".join(iter(lambda: connection.recv(4096), b""))
            except OSError:
                return {}
        return dict(json.loads(answer.partition(b"\r\n\r\n")[2] or b"{}"))


@dataclass
class Desk:
    """One conversation: `state` is what the database would hold, `effects` what the last turn's actions asked for."""

    engine: RunningEngine
    client: httpx.AsyncClient
    turns: OpenTurns
    state: list[dict[str, Any]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    language: str = "en"
    replies: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(cls, engine: RunningEngine, actions: Iterable[Action] | None = None) -> AsyncIterator["Desk"]:
        turns = OpenTurns()
        own = None if actions is None else list(actions)
        server = await start_action_server(engine.action_socket, same_token(TOKEN), turns, actions=own)
        transport = httpx.AsyncHTTPTransport(uds=str(engine.socket))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = "http://engine"
        async with httpx.AsyncClient(transport=transport, headers=headers, base_url=url, timeout=20) as client:
            yield cls(engine, client, turns)
        await server.cleanup()

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def turn(self, message: dict[str, str] | str, **more: Any) -> httpx.Response:
        """One turn; its state is kept where the engine answered 200."""
        turn_id = f"turn-{uuid.uuid4()}"
        body = {
            "turn_id": turn_id, "release": "test-release", "state": self.state, "carry": {}, "language": self.language,
            "language_chosen": False, "message": {"text": message} if isinstance(message, str) else message, **more,
        }
        self.turns.open(turn_id, TurnContext("conversation", "widget", self.language))
        try:
            response = await self.post("/turn", body)
        finally:
            self.effects = self.turns.close(turn_id)
        if response.status_code == 200 and response.content.startswith(b"{"):
            self._keep(response.json())
        return response

    def _keep(self, answer: dict[str, Any]) -> None:
        before = [] if answer["started_fresh"] else self.state
        self.state = json.loads(json.dumps(before + answer["events"]))  # what a database gives back
        self.language, self.replies = answer["language"], answer["replies"]

    async def say(self, message: dict[str, str] | str, **more: Any) -> dict[str, Any]:
        """The answer of a turn that must succeed."""
        response = await self.turn(message, **more)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def press(self, title: str) -> dict[str, Any]:
        """Presses a button of the last replies."""
        button = next(b for reply in self.replies for b in reply["buttons"] if b["title"] == title)
        return await self.say({kind: button[kind] for kind in ("topic", "value") if kind in button})

    async def open_form(self, up_to: str = "message_about") -> None:
        """Brings the conversation to where the form asks for `up_to`."""
        await self.say("status of my case")
        for slot, said in (("message_about", "My stolen bike, report from May"), ("message_contact", "555-0134")):
            if slot == up_to:
                return
            await self.say(said)
