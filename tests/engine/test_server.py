"""The engine's process: who may call it, what it refuses, when it ends, and what it never prints."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from bot.action_route import same_token, start_action_server
from tests.engine.conftest import ROOT
from tests.engine.running import TOKEN, Desk, RunningEngine

CANARY = "zebra-quartz-7731"


def request(**changes: Any) -> dict[str, Any]:
    body = {"turn_id": "t", "release": "test-release", "state": [], "message": {"text": "hello"}, "language": "en"}
    return body | changes


@pytest.mark.parametrize("given", [None, "", "Bearer no", TOKEN])
@pytest.mark.parametrize("path", ["/turn", "/parse"])
async def test_only_the_token_opens_the_door(desk: Desk, path: str, given: str | None):
    del desk.client.headers["Authorization"]
    header = {} if given is None else {"Authorization": given}
    response = await desk.client.post(path, json=request(), headers=header)
    assert (response.status_code, response.json()) == (401, {"error": {"code": "unauthorized"}})


async def test_health_needs_no_token_and_names_the_release(desk: Desk):
    assert desk.engine.health() == {"ready": True, "release": "test-release"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}",
        json.dumps(request(message={"text": "\ud800"})).encode(),
        json.dumps(request(message={"text": "a\0b"})).encode(),
        json.dumps(request(message={"text": "x" * 100_000})).encode(),
        json.dumps(request(message={"text": "   "})).encode(),
        json.dumps(request(message={"text": 7})).encode(),
        json.dumps(request(message={"text": "a", "topic": "chat/courtesy"})).encode(),
        json.dumps(request(message={})).encode(),
        json.dumps(request(message={"topic": "\udfff"})).encode(),
        json.dumps(request(turn_id="\ud800")).encode(),
        json.dumps(request(turn_id=None)).encode(),
        json.dumps(request(turn_id="t" * 5000)).encode(),
        json.dumps(request(language=["en"])).encode(),
        json.dumps(request(release="another")).encode(),
        json.dumps(request(state="none")).encode(),
        json.dumps(request(state=[1])).encode(),
        json.dumps(request(state=[{}] * 6000)).encode(),
        json.dumps(request(carry=[])).encode(),
    ],
)
async def test_bad_requests_are_refused_and_the_engine_stays_up(desk: Desk, body: bytes):
    response = await desk.client.post("/turn", content=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")
    assert (await desk.say("hello"))["outcome"] == "smalltalk"


async def test_a_body_too_large_and_a_path_that_is_not_there(desk: Desk):
    for response in (await desk.client.post("/turn", content=b" " * 5_000_000), await desk.client.get("/model")):
        assert response.status_code in (404, 413)
        assert response.json() == {"error": {"code": "bad_request"}}


async def test_parse_says_what_a_text_means(desk: Desk):
    response = await desk.post("/parse", {"text": "mi choque", "language": "en"})
    assert response.json() == {
        "language": "es", "outcome": "answer", "topic": "records/crash_report", "confidence": 0.97,
        "choices": [], "notice": False, "assumed": None, "also_topic": None,
    }


async def test_no_state_makes_the_engine_answer_nonsense_or_die(desk: Desk):
    """F8: a state that does not parse is an error with what the resident had filled in."""
    await desk.open_form("message_contact")
    filled = {"message_about": "My stolen bike, report from May", "message_topic": "case/report_status"}
    filled |= {"message_unit": "investigations"}
    for broken in (
        {"event": "no such event"},
        {"event": "slot", "name": "gone", "value": 1},
        {"event": "action", "name": "action_gone"},
        {"event": "active_loop", "name": "gone_form"},
        {"event": "slot", "name": "requested_slot", "value": "gone"},
        {"event": None},
        {"no": "event"},
        {"event": "slot"},
        {"event": "action", "name": ["a"]},
        {"event": "user", "text": 7, "parse_data": 9},
        {"event": "slot", "name": {"a": 1}, "value": 2},
    ):
        response = await desk.turn("555-0134", state=[*desk.state, broken])
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (409, "state_incompatible"), broken
        assert error["filled"].items() >= filled.items(), broken


async def test_a_release_without_the_form_gives_its_answers_back(desk: Desk, built_without_form: Path, tmp_path: Path):
    await desk.open_form("message_contact")
    with RunningEngine.started(built_without_form / "release", tmp_path) as newer:
        async with Desk.opened(newer) as other:
            response = await other.turn("555-0134", state=desk.state)
            assert response.json()["error"]["code"] == "state_incompatible"
            assert response.json()["error"]["filled"]["message_about"] == "My stolen bike, report from May"
            assert (await other.say("555-0134"))["started_fresh"] is True


@pytest.mark.parametrize("text, status", [("!!empty", 200), ("!!garbage", 200)])
async def test_the_switch_for_tests_misbehaves_on_request(desk: Desk, text: str, status: int):
    response = await desk.turn(text)
    assert (response.status_code, response.content.startswith(b"{")) == (status, False)


async def test_without_the_switch_the_same_words_are_text(built: Path, tmp_path: Path):
    with RunningEngine.started(built / "release", tmp_path) as engine:
        async with Desk.opened(engine) as desk:
            for text in ("!!exit", "!!hang", "!!empty", "!!garbage"):
                assert (await desk.say(text))["outcome"] == "no_answer"


class Misbehaving(Action):  # type: ignore[misc]
    """Stands in for validate_leave_message_form and does what a test says."""

    def __init__(self, result: Any = None, error: Exception | None = None, seconds: float = 0) -> None:
        self.result, self.error, self.seconds = result, error, seconds

    def name(self) -> str:
        return "validate_leave_message_form"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return self.result


class Opening(Misbehaving):
    def name(self) -> str:
        return "action_open_message"


@pytest.mark.parametrize(
    "action",
    [
        Misbehaving(error=RuntimeError(f"cannot store {CANARY}")),
        Misbehaving([{"event": "no such event"}]),
        Misbehaving([{"event": "slot", "name": "message_about", "value": "x" * 2_000_000}]),
        Misbehaving([{"event": "slot", "name": 7}]),
        Misbehaving(seconds=30),
    ],
    ids=["raises", "unknown event", "too long", "malformed", "hangs"],
)
async def test_a_broken_action_fails_the_turn_and_prints_nothing_of_it(
    engine: RunningEngine, action: Misbehaving, caplog: pytest.LogCaptureFixture
):
    """F12 to F15: the turn fails long before the action ends, another goes on meanwhile, no slot is kept unchecked.
    What an action's limit is set to has its own test, test_action_endpoint."""
    async with Desk.opened(engine, [Opening([]), action]) as desk:
        started = time.monotonic()
        broken = asyncio.create_task(desk.turn("status of my case"))
        await asyncio.sleep(0.2)
        assert await asyncio.to_thread(engine.health) == {"ready": True, "release": "test-release"}
        async with Desk.opened(engine, [Opening([]), action]) as other:
            assert (await other.say("hello"))["outcome"] == "smalltalk"
        response = await broken
        seconds = time.monotonic() - started
    assert (response.status_code, response.json()) == (500, {"error": {"code": "failed"}})
    assert seconds < 15
    assert CANARY not in caplog.text


async def test_a_reply_that_is_not_json_fails_the_turn(engine: RunningEngine):
    """F14, with another server in the actions' place."""
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html")
        await writer.drain()
        writer.close()

    async with Desk.opened(engine) as desk:
        engine.action_socket.unlink()
        server = await asyncio.start_unix_server(nonsense, str(engine.action_socket))
        response = await desk.turn("status of my case")
        server.close()
        engine.action_socket.unlink(missing_ok=True)
    assert response.json() == {"error": {"code": "failed"}}


async def test_no_action_server_fails_the_turn(engine: RunningEngine):
    async with Desk.opened(engine) as desk:
        engine.action_socket.unlink()
        response = await desk.turn("status of my case")
    assert (response.status_code, response.json()) == (500, {"error": {"code": "failed"}})


async def test_a_slot_filled_past_its_check_is_not_submitted(desk: Desk):
    """F15: checked again where it is submitted."""
    await desk.open_form("message_confirm")
    desk.state.append(SlotSet("message_contact", "123"))
    await desk.say("yes")
    assert desk.effects == []


async def test_nothing_a_resident_wrote_is_ever_printed(built: Path, tmp_path: Path):
    with RunningEngine.started(built / "release", tmp_path, "--test-faults") as engine:
        async with Desk.opened(engine) as desk:
            await desk.say(f"{CANARY} crash")
            await desk.say("status of my case")
            await desk.say(f"about {CANARY}")
            await desk.say(f"{CANARY}")
            await desk.say(f"{CANARY}@example.org")
            await desk.turn("x", state=[{"event": "slot", "name": CANARY, "value": CANARY}])
            await desk.turn("x", state=[{"event": CANARY}])
            await desk.post("/turn", {"turn_id": CANARY, "message": CANARY})
            await desk.say("yes")
        async with Desk.opened(engine, [Misbehaving(error=ValueError(CANARY))]) as desk:
            await desk.turn(f"status {CANARY}")
        assert CANARY not in engine.log.read_text()
        assert "DEBUG rasa" in engine.log.read_text()


@pytest.mark.parametrize("how", ["stdin", "SIGTERM"])
async def test_the_engine_ends_with_its_desk(built: Path, tmp_path: Path, how: str):
    with RunningEngine.started(built / "release", tmp_path) as engine:
        assert engine.process.stdin
        if how == "stdin":
            engine.process.stdin.close()
        else:
            engine.process.send_signal(signal.SIGTERM)
        assert engine.process.wait(10) == 0
        assert "Fatal" not in engine.log.read_text()


async def test_a_killed_engine_is_noticed_at_once_and_its_effects_are_dropped(built: Path, tmp_path: Path):
    """F5, F10: the call breaks off, and what its action asked for went with the attempt."""
    with RunningEngine.started(built / "release", tmp_path) as engine:
        async with Desk.opened(engine) as desk:
            await desk.open_form("message_confirm")
            state = desk.state
            sent = asyncio.create_task(desk.turn("yes"))
            await asyncio.sleep(0.002)
            os.kill(engine.process.pid, signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                await sent
            assert desk.state == state


@pytest.mark.parametrize("first_line", [b"", b"\n", b"{}\n", b'{"token": "short"}\n', b'{"token": 1}\n', b"[]\n"])
def test_no_engine_without_a_token(tmp_path: Path, first_line: bytes):
    command = [sys.executable, "-m", "bot.engine", "serve", "--release", str(tmp_path), "--socket", str(tmp_path / "s")]
    command += ["--action-socket", str(tmp_path / "a")]
    result = subprocess.run(command, cwd=ROOT, input=first_line, capture_output=True, timeout=30, check=False)
    assert result.returncode == 2
    assert b"first line of stdin" in result.stderr


def test_a_folder_without_a_release_ends_the_engine_with_the_reason(tmp_path: Path):
    """F9: it is never ready, and the desk learns so at once."""
    with RunningEngine.started(tmp_path, tmp_path, wait=False) as engine:
        assert engine.process.wait(60) == 1
        assert "cannot load the release error=ReleaseUnusable" in engine.log.read_text()


async def test_before_it_is_loaded_a_turn_is_not_ready(built: Path, tmp_path: Path):
    with RunningEngine.started(built / "release", tmp_path, wait=False) as engine:
        async with Desk.opened(engine) as desk:
            while not engine.health():
                await asyncio.sleep(0.01)
            response = await desk.turn("hello")
            assert response.status_code in (200, 503)
            if response.status_code == 503:
                assert response.json() == {"error": {"code": "not_ready"}}


def test_the_environment_is_ignored(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in {"http_proxy": "http://127.0.0.1:9", "RASA_TELEMETRY_ENABLED": "true", "LOG_LEVEL": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MAX_NUMBER_OF_PREDICTIONS", "0")
    with RunningEngine.started(built / "release", tmp_path) as engine:
        environment = Path(f"/proc/{engine.process.pid}/environ")
        assert engine.health()["ready"] is True
        assert environment.exists()


async def test_the_action_socket_is_replaced_when_the_desk_starts_again(engine: RunningEngine):
    """The engine outlives a reload of the desk's action server: its pooled connection is opened anew."""
    async with Desk.opened(engine) as desk:
        await desk.say("status of my case")
    async with Desk.opened(engine) as desk:
        await desk.say("status of my case")
        runner = await start_action_server(engine.action_socket, same_token(TOKEN), desk.turns)
        assert (await desk.say("My stolen bike"))["requested_slot"] == "message_contact"
        await runner.cleanup()
