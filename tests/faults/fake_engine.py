"""A light process that speaks the engine's wire, so that two hundred kills do not load two hundred models.

``python -m tests.faults.fake_engine serve --release DIR --socket PATH --action-socket PATH``, the token on stdin. It
answers ``#12-3 ...`` with ``answer to #12-3`` and misbehaves on request: ``!!exit``, ``!!hang``, ``!!error``,
``!!empty``, ``!!garbage``, ``!!stale`` (each time), ``!!once exit NAME`` (the first time only; NAME is remembered as a
file in the release's folder), ``!!slow 1.5`` (seconds), ``!!leave`` (its action leaves a message for a unit).
While the release's folder holds a file ``not_ready``, it has no model.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

NUMBER = re.compile(r"#\d+-\d+")
Answer = tuple[int, bytes]


class FakeEngine:
    """One release's answers. Stateless, like the real engine."""

    def __init__(self, release: Path, action_socket: Path, token: str) -> None:
        self.release, self.action_socket, self.token = release, action_socket, token

    @property
    def is_ready(self) -> bool:
        return not (self.release / "not_ready").exists()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests one after another, as aiohttp's client sends them."""
        try:
            while True:
                path, headers, body = await read_request(reader)
                status, answer = await self.answer(path, headers, body)
                head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
                writer.write(head.encode() + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if path == "/health":
            return 200, dump({"ready": self.is_ready, "release": self.release.name if self.is_ready else None})
        if headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "unauthorized")
        if not self.is_ready:
            return error(503, "not_ready")
        return await self.turn(json.loads(body))

    async def turn(self, body: dict[str, Any]) -> Answer:
        said = body["message"]
        text = str(said.get("text") or said.get("topic") or said.get("value"))
        return await self._misbehave(body, self._order(text)) or (200, dump(await self._reply(body, text)))

    def _order(self, text: str) -> list[str]:
        """The words after ``!!``; none when a ``once`` was obeyed before."""
        words = text.partition("!!")[2].split()
        if words[:1] != ["once"]:
            return words
        done = self.release / f"once-{words[2]}"
        if done.exists():
            return []
        done.touch()
        return words[1:]

    async def _misbehave(self, body: dict[str, Any], order: list[str]) -> Answer | None:
        match order:
            case ["exit", *_]:
                os._exit(3)
            case ["hang", *_]:
                await asyncio.sleep(3600)
            case ["slow", seconds, *_]:
                await asyncio.sleep(float(seconds))
            case ["error", *_]:
                return error(500, "failed")
            case ["stale", *_] if body["state"]:
                return error(409, "state_incompatible")
            case ["empty", *_]:
                return 200, b"[]"
            case ["garbage", *_]:
                return 200, b"<html>\xff not an answer"
        return None

    async def _reply(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        number = NUMBER.search(text)
        reply = f"answer to {number.group() if number else text}"
        if "!!leave" in text:
            reply += " " + await self._leave(body)
        return {
            "replies": [{"text": reply, "topic": None, "buttons": []}],
            "events": [{"event": "user", "text": text}],
            "started_fresh": not body["state"],
            "language": body["language"],
            "outcome": "answer",
            "topic": None,
            "confidence": 0.9,
            "choices": [],
            "notice": False,
            "form": None,
        }

    async def _leave(self, body: dict[str, Any]) -> str:
        """Run the real action that leaves a message; the reference that it drew."""
        slots = {"message_about": body["message"]["text"], "message_contact": "555-0134", "message_confirm": "yes"}
        tracker = {"sender_id": body["turn_id"], "slots": slots, "latest_message": {}, "events": []}
        call = {"next_action": "action_submit_message", "sender_id": body["turn_id"], "tracker": tracker, "domain": {}}
        reader, writer = await asyncio.open_unix_connection(str(self.action_socket))
        content = dump(call)
        lines = [
            "POST /webhook HTTP/1.1",
            "Host: desk",
            f"Authorization: Bearer {self.token}",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        answer = json.loads((await reader.read()).partition(b"\r\n\r\n")[2])
        writer.close()
        said = answer.get("responses") or [{}]
        return str(said[0].get("reference") or said[0].get("response") or "no reference")


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """Path, headers (lower case) and body of one request with a Content-Length."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    return lines[0].split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", 0)))


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def error(status: int, code: str) -> Answer:
    return status, dump({"error": {"code": code}})


def end_with_stdin() -> None:
    """The desk that started this process is gone when stdin ends."""
    while os.read(0, 4096):
        pass
    os._exit(0)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    for name in ("--release", "--socket", "--action-socket"):
        parser.add_argument(name, type=Path, required=True)
    options, _ = parser.parse_known_args()
    token = json.loads(sys.stdin.buffer.readline())["token"]
    threading.Thread(target=end_with_stdin, daemon=True).start()
    engine = FakeEngine(options.release, options.action_socket, token)
    server = await asyncio.start_unix_server(engine.serve, str(options.socket), limit=2**22)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
