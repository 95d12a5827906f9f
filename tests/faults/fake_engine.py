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

import aiohttp
from aiohttp import web

NUMBER = re.compile(r"#\d+-\d+")


class FakeEngine:
    """One release's answers. Stateless, like the real engine."""

    def __init__(self, release: Path, action_socket: Path, token: str) -> None:
        self.release, self.action_socket, self.token = release, action_socket, token

    @property
    def is_ready(self) -> bool:
        return not (self.release / "not_ready").exists()

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"ready": self.is_ready, "release": self.release.name if self.is_ready else None})

    async def turn(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _error(401, "unauthorized")
        if not self.is_ready:
            return _error(503, "not_ready")
        body = await request.json()
        said = body["message"]
        text = str(said.get("text") or said.get("topic") or said.get("value"))
        return await self._misbehave(body, self._order(text)) or web.json_response(await self._answer(body, text))

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

    async def _misbehave(self, body: dict[str, Any], order: list[str]) -> web.Response | None:
        match order:
            case ["exit", *_]:
                os._exit(3)
            case ["hang", *_]:
                await asyncio.sleep(3600)
            case ["slow", seconds, *_]:
                await asyncio.sleep(float(seconds))
            case ["error", *_]:
                return _error(500, "failed")
            case ["stale", *_] if body["state"]:
                return _error(409, "state_incompatible")
            case ["empty", *_]:
                return web.json_response([])
            case ["garbage", *_]:
                return web.Response(body=b"<html>\xff not an answer", content_type="application/json")
        return None

    async def _answer(self, body: dict[str, Any], text: str) -> dict[str, Any]:
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
        """Run the real action that leaves a message; returns the reference that it drew."""
        slots = {"message_about": body["message"]["text"], "message_contact": "555-0134", "message_confirm": "yes"}
        tracker = {"sender_id": body["turn_id"], "slots": slots, "latest_message": {}, "events": []}
        call = {"next_action": "action_submit_message", "sender_id": body["turn_id"], "tracker": tracker}
        headers = {"Authorization": f"Bearer {self.token}"}
        connector = aiohttp.UnixConnector(path=str(self.action_socket))
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            async with session.post("http://desk/webhook", json=call | {"domain": {}}) as response:
                answer = await response.json()
        said = answer.get("responses") or [{}]
        return str(said[0].get("reference") or said[0].get("response") or "no reference")


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code}}, status=status)


def _end_with_stdin() -> None:
    """The desk that started this process is gone when stdin ends."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    for name in ("--release", "--socket", "--action-socket"):
        parser.add_argument(name, type=Path, required=True)
    options, _ = parser.parse_known_args()
    token = json.loads(sys.stdin.buffer.readline())["token"]
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    engine = FakeEngine(options.release, options.action_socket, token)
    app = web.Application(client_max_size=2**22)
    app.add_routes([web.get("/health", engine.health), web.post("/turn", engine.turn)])
    web.run_app(app, path=str(options.socket), print=None, access_log=None, handle_signals=False)


if __name__ == "__main__":
    main()
