"""bot/action_route.py: who may have an action run, and what of a failure is told."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rasa_sdk import Action

from bot.action_route import same_token, start_action_server
from bot.core.effects import HandoffRequested
from bot.desk.effects import OpenTurns, TurnClosed, TurnContext

TOKEN = "f" * 64
CONTEXT = TurnContext("conversation", "widget", "en")


class Broken(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_broken"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ValueError("the resident's own words")


def call(name: str = "action_request_handoff", turn_id: Any = "turn") -> dict[str, Any]:
    tracker = {"sender_id": turn_id, "slots": {}, "latest_message": {"text": "a person"}, "events": [], "paused": False}
    return {"next_action": name, "sender_id": turn_id, "tracker": tracker, "domain": {"forms": {}, "slots": {}}}


class Caller:
    def __init__(self, path: Path, turns: OpenTurns) -> None:
        self.path, self.turns = path, turns

    async def post(self, body: Any, token: str = TOKEN, where: str = "/webhook") -> tuple[int, Any]:
        connector = aiohttp.UnixConnector(path=str(self.path))
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            sent = {"data": body} if isinstance(body, bytes) else {"json": body}
            async with session.post(f"http://desk{where}", **sent) as response:
                is_json = response.content_type == "application/json"
                return response.status, await response.json() if is_json else await response.text()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    path, turns = Path(tempfile.mkdtemp(prefix="fd")) / "private" / "actions.sock", OpenTurns()
    from actions import all_actions

    server = await start_action_server(path, same_token(TOKEN), turns, actions=[*all_actions(turns), Broken()])
    yield Caller(path, turns)
    await server.cleanup()


async def test_an_open_turn_with_the_token_has_its_action_run(caller: Caller):
    caller.turns.open("turn", CONTEXT)
    status, result = await caller.post(call())
    assert (status, result["responses"][0]["response"]) == (200, "utter_handoff_requested")
    assert caller.turns.close("turn") == [HandoffRequested("asked", summary="a person")]


@pytest.mark.parametrize("token", ["", "f" * 63, "g" * 64, "é"])
async def test_without_the_token_nothing_runs(caller: Caller, token: str):
    caller.turns.open("turn", CONTEXT)
    assert await caller.post(call(), token=token) == (401, {"error": {"code": "unauthorized"}})
    assert caller.turns.close("turn") == []


async def test_a_turn_that_was_given_up_may_ask_for_nothing_more(caller: Caller):
    caller.turns.open("turn", CONTEXT)
    caller.turns.close("turn")
    assert await caller.post(call()) == (409, {"error": {"code": "turn_closed"}})
    assert await caller.post(call(turn_id="never opened")) == (409, {"error": {"code": "turn_closed"}})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"sender_id": 1}', b'{"sender_id": "turn"}', b"\xff"])
async def test_malformed_calls(caller: Caller, body: bytes):
    caller.turns.open("turn", CONTEXT)
    assert await caller.post(body) == (400, {"error": {"code": "bad_request"}})


async def test_a_failure_is_told_by_name_only(caller: Caller, caplog: pytest.LogCaptureFixture):
    caller.turns.open("turn", CONTEXT)
    assert await caller.post(call("action_broken")) == (500, {"error": {"code": "action_failed"}})
    assert "action failed action=action_broken turn=turn error=ValueError" in caplog.text
    assert "own words" not in caplog.text
    assert await caller.post(call("action_unknown")) == (404, {"error": {"code": "unknown_action"}})


async def test_the_socket_and_its_folder_are_ours_alone(caller: Caller):
    assert caller.path.parent.stat().st_mode & 0o777 == 0o700
    assert caller.path.stat().st_mode & 0o777 == 0o600


async def test_there_is_nothing_else_at_that_address(caller: Caller):
    assert (await caller.post(call(), where="/"))[0] == 404


def test_effects_keep_their_order_and_a_closed_turn_refuses_more():
    turns = OpenTurns()
    turns.open("turn", CONTEXT)
    turns.add("turn", HandoffRequested("asked"))
    turns.add("turn", HandoffRequested("no_answer"))
    assert turns.context("turn") == CONTEXT
    assert [effect.reason for effect in turns.close("turn")] == ["asked", "no_answer"]
    assert turns.close("turn") == []
    with pytest.raises(TurnClosed):
        turns.add("turn", HandoffRequested("asked"))
    with pytest.raises(TurnClosed):
        turns.context("turn")


def test_a_turn_is_opened_once():
    turns = OpenTurns()
    turns.open("turn", CONTEXT)
    with pytest.raises(ValueError, match="open already"):
        turns.open("turn", CONTEXT)
