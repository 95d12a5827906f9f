"""The simulator refuses what Telegram refuses, in Telegram's words, and keeps its promises about faults."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.dev.telegram_simulator import SimulatorProcess
from bot.dev.telegram_simulator.api_error import ApiError
from bot.dev.telegram_simulator.html import plain_text
from bot.dev.telegram_simulator.limits import FloodLimits

ALEX = 1001


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scale=0.1) as simulator:
        yield simulator


@pytest.fixture
def telegram(running: SimulatorProcess) -> SimulatorProcess:
    running.reset()
    running.text(ALEX, "hello")
    return running


def call(telegram: SimulatorProcess, method: str, token: str | None = None, **given: Any) -> Any:
    """What the Bot API answers, as JSON."""
    address = f"{telegram.url}/bot{token or telegram.token}/{method}"
    return httpx.post(address, json=given, trust_env=False, timeout=20).json()


def test_it_says_who_the_bot_is(telegram: SimulatorProcess):
    me = call(telegram, "getme")["result"]  # method names ignore case, as at Telegram
    assert (me["is_bot"], me["username"]) == (True, "example_city_desk_bot")


@pytest.mark.parametrize("token, code", [("nonsense", 404), ("1:wrong", 401)])
def test_a_wrong_token(telegram: SimulatorProcess, token: str, code: int):
    assert call(telegram, "getMe", token)["error_code"] == code


def test_an_unknown_method(telegram: SimulatorProcess):
    assert call(telegram, "sendFlowers") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }


KEY = [[{"text": "Yes", "callback_data": "y"}]]


@pytest.mark.parametrize(
    "given, code, description",
    [
        ({"chat_id": 999}, 400, "Bad Request: chat not found"),
        ({"chat_id": ""}, 400, "Bad Request: chat_id is empty"),
        ({"chat_id": 1002}, 403, "Forbidden: bot can't initiate conversation with a user"),
        ({"text": ""}, 400, "Bad Request: message text is empty"),
        ({"text": " \n "}, 400, "Bad Request: message text is empty"),
        ({"text": "x" * 4097}, 400, "Bad Request: message is too long"),
        ({"text": "😀" * 2049}, 400, "Bad Request: message is too long"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            400,
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            {"text": "<u><b>x</u>", "parse_mode": "HTML"},
            400,
            "Bad Request: can't parse entities: Unmatched end tag at byte offset 7",
        ),
        (
            {"text": "é<script>x", "parse_mode": "HTML"},
            400,
            'Bad Request: can\'t parse entities: Unsupported start tag "script" at byte offset 2',
        ),
        (
            {"text": "x</b>", "parse_mode": "HTML"},
            400,
            "Bad Request: can't parse entities: Unexpected end tag at byte offset 1",
        ),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 33}]]}},
            400,
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        ({"reply_markup": "{"}, 400, "Bad Request: can't parse reply keyboard markup JSON object"),
        ({"reply_markup": {"inline_keyboard": KEY * 101}}, 400, "Bad Request: reply markup is too long"),
    ],
)
def test_what_may_not_be_sent(telegram: SimulatorProcess, given: dict[str, Any], code: int, description: str):
    answer = call(telegram, "sendMessage", **{"chat_id": ALEX, "text": "hello", **given})
    assert (answer["error_code"], answer["description"]) == (code, description)
    assert telegram.from_bot(ALEX) == []


@pytest.mark.parametrize(
    "given, shown",
    [
        ({"text": "x" * 4096}, "x" * 4096),
        ({"text": " a "}, "a"),
        ({"text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"}, "x" * 4096),
        ({"text": "a &lt; b", "parse_mode": "HTML"}, "a < b"),
        ({"text": "x", "reply_markup": json.dumps({"inline_keyboard": KEY})}, "x"),
    ],
)
def test_what_may_be_sent(telegram: SimulatorProcess, given: dict[str, Any], shown: str):
    assert call(telegram, "sendMessage", chat_id=ALEX, **given)["result"]["text"] == shown


@pytest.mark.parametrize(
    "markup", ["<b>x</b>", "<a href='https://example.org'>x</a>", "<tg-spoiler>x</tg-spoiler>", "x"]
)
def test_html_that_telegram_takes(markup: str):
    assert plain_text(markup) == "x"


def test_a_blocked_bot_and_a_deleted_account(telegram: SimulatorProcess):
    telegram.act(ALEX, "block")
    assert (
        call(telegram, "sendMessage", chat_id=ALEX, text="x")["description"] == "Forbidden: bot was blocked by the user"
    )
    telegram.act(ALEX, "unblock")
    telegram.act(ALEX, "delete_account")
    assert call(telegram, "sendMessage", chat_id=ALEX, text="x")["description"] == "Forbidden: user is deactivated"


def test_a_press_is_answered_once(telegram: SimulatorProcess):
    call(telegram, "sendMessage", chat_id=ALEX, text="?", reply_markup={"inline_keyboard": KEY})
    telegram.press(ALEX, "Yes")
    query = call(telegram, "getUpdates")["result"][-1]["callback_query"]
    assert call(telegram, "answerCallbackQuery", callback_query_id=query["id"])["ok"]
    for used in (query["id"], "unknown"):
        answer = call(telegram, "answerCallbackQuery", callback_query_id=used)
        assert answer["description"].startswith("Bad Request: query is too old")


def test_a_keyboard_is_changed_only_to_another(telegram: SimulatorProcess):
    sent = call(telegram, "sendMessage", chat_id=ALEX, text="?", reply_markup={"inline_keyboard": KEY})["result"]
    given = {"chat_id": ALEX, "message_id": sent["message_id"]}
    same = call(telegram, "editMessageReplyMarkup", **given, reply_markup={"inline_keyboard": KEY})
    assert same["description"].startswith("Bad Request: message is not modified")
    assert "reply_markup" not in call(telegram, "editMessageReplyMarkup", **given)["result"]
    assert call(telegram, "editMessageReplyMarkup", chat_id=ALEX, message_id=99)["error_code"] == 400


@pytest.mark.parametrize(
    "given, description",
    [
        ({"url": "http://example.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.org:9000/"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://example.org/", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://example.org/", "max_connections": 101}, "max_connections must be between 1 and 100"),
    ],
)
def test_webhooks_that_telegram_refuses(telegram: SimulatorProcess, given: dict[str, Any], description: str):
    assert call(telegram, "setWebhook", **given)["description"] == f"Bad Request: {description}"


@pytest.mark.parametrize("command", ["Human", "two words", "", "x" * 33, "é"])
def test_commands_that_telegram_refuses(telegram: SimulatorProcess, command: str):
    answer = call(telegram, "setMyCommands", commands=[{"command": command, "description": "x"}])
    assert answer["description"] == "Bad Request: BOT_COMMAND_INVALID"


def test_updates_come_until_they_are_confirmed(telegram: SimulatorProcess):
    telegram.text(ALEX, "again")
    first, second = (update["update_id"] for update in call(telegram, "getUpdates")["result"])
    assert len(call(telegram, "getUpdates", offset=first)["result"]) == 2
    assert [update["update_id"] for update in call(telegram, "getUpdates", offset=second)["result"]] == [second]
    assert call(telegram, "getUpdates", offset=second + 1)["result"] == []


def test_kinds_that_were_not_asked_for_do_not_come(telegram: SimulatorProcess):
    call(telegram, "getUpdates", allowed_updates=["message"], offset=2**40)
    telegram.act(ALEX, "block")
    telegram.text(ALEX, "x")
    assert [list(update) for update in call(telegram, "getUpdates")["result"]] == [["update_id", "message"]]


async def test_of_two_pollers_the_older_one_ends(telegram: SimulatorProcess):
    call(telegram, "getUpdates", offset=2**40)
    older = asyncio.create_task(asyncio.to_thread(call, telegram, "getUpdates", timeout=10))
    await asyncio.sleep(0.4)
    newer = asyncio.create_task(asyncio.to_thread(call, telegram, "getUpdates", timeout=10))
    ended = await older
    assert (ended["error_code"], "terminated by other getUpdates" in ended["description"]) == (409, True)
    await asyncio.to_thread(telegram.text, ALEX, "x")
    assert len((await newer)["result"]) == 1


def test_with_a_webhook_there_is_no_polling(telegram: SimulatorProcess):
    call(telegram, "setWebhook", url="https://example.org/")
    assert call(telegram, "getUpdates")["error_code"] == 409


def test_flood_limits():
    limits = FloodLimits(scale=1)
    for _ in range(4):
        limits.take(1, 100.0)
    with pytest.raises(ApiError) as refused:
        limits.take(1, 100.5)
    assert refused.value.document()["parameters"] == {"retry_after": 1}
    limits.take(1, 101.6)
    for chat in range(10, 35):
        limits.take(chat, 101.6)
    refused_chats = [chat for chat in range(40, 60) if _is_refused(limits, chat)]
    assert refused_chats


def _is_refused(limits: FloodLimits, chat: int) -> bool:
    try:
        limits.take(chat, 101.6)
    except ApiError:
        return True
    return False


class Hook:
    """A webhook that answers what a test tells it to."""

    def __init__(self) -> None:
        self.got: list[tuple[int, str | None]] = []
        self.statuses: list[int] = []

    async def answer(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.got.append((update["update_id"], request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def hook(telegram: SimulatorProcess) -> Any:
    made = Hook()
    app = web.Application()
    app.router.add_post("/", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    call(telegram, "getUpdates", offset=2**40)
    call(telegram, "setWebhook", url=f"http://127.0.0.1:{runner.addresses[0][1]}/", secret_token="s3cret")
    yield made
    await asyncio.to_thread(telegram.reset)
    await runner.cleanup()


async def test_an_update_is_pushed_until_it_is_taken(telegram: SimulatorProcess, hook: Hook):
    hook.statuses = [503, 500, 302]
    update_id = await asyncio.to_thread(telegram.text, ALEX, "x")
    await asyncio.to_thread(telegram.wait_for, lambda: not telegram.state()["pending"])
    assert hook.got == [(update_id, "s3cret")] * 4
    assert "302" in telegram.state()["last_error"]


async def test_the_same_update_may_come_many_times(telegram: SimulatorProcess, hook: Hook):
    await asyncio.to_thread(telegram.faults, copies=3, duplicate=1)
    await asyncio.to_thread(telegram.text, ALEX, "x")
    await asyncio.to_thread(telegram.wait_for, lambda: len(hook.got) == 4)
    assert len({update_id for update_id, _ in hook.got}) == 1


@pytest.mark.parametrize("kind, code", [("429", 429), ("403", 403), ("400", 400), ("500", 500)])
def test_faults_that_answer(telegram: SimulatorProcess, kind: str, code: int):
    telegram.faults(calls=[{"kind": kind, "times": 1, "retry_after": 7}])
    answer = call(telegram, "sendMessage", chat_id=ALEX, text="x")
    assert answer["error_code"] == code
    assert answer.get("parameters") == ({"retry_after": 7} if code == 429 else None)
    assert call(telegram, "sendMessage", chat_id=ALEX, text="x")["ok"]


@pytest.mark.parametrize("kind, arrived", [("close", 0), ("drop_answer", 1)])
def test_faults_that_lose_the_answer(telegram: SimulatorProcess, kind: str, arrived: int):
    telegram.faults(calls=[{"kind": kind, "times": 1}])
    with pytest.raises(httpx.RemoteProtocolError):
        call(telegram, "sendMessage", chat_id=ALEX, text="x")
    assert len(telegram.from_bot(ALEX)) == arrived
    assert [one["accepted"] for one in telegram.calls("sendMessage")] == [bool(arrived)]


def test_a_hanging_call(telegram: SimulatorProcess):
    telegram.faults(calls=[{"kind": "hang", "times": 1, "seconds": 0.5}])
    began = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        call(telegram, "sendMessage", chat_id=ALEX, text="x")
    assert time.monotonic() - began >= 0.5


def test_an_unknown_fault_or_act_is_refused(telegram: SimulatorProcess):
    with pytest.raises(ValueError, match="nobody can 'fly'"):
        telegram.act(ALEX, "fly")
    with pytest.raises(httpx.HTTPStatusError):
        telegram.faults(calls=[{"kind": "flood"}])


def test_only_loopback_names_are_answered(telegram: SimulatorProcess):
    answer = httpx.get(f"{telegram.url}/control/state", headers={"Host": "evil.example.org"}, trust_env=False)
    assert answer.status_code == 403
