"""The webhook's door: who may come in, and what becomes of anything that is sent."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.telegram.channel import TelegramChannel, webhook_secret
from bot.dev.telegram_simulator import SimulatorProcess
from bot.settings import Settings
from tests.channels.telegram_parts import TelegramDesk, telegram_desk

HEADER = "X-Telegram-Bot-Api-Secret-Token"
ALEX = 1001


@pytest.fixture(scope="module")
def telegram() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scale=0.1) as running:
        running.add_user(ALEX, started=True)
        yield running


@pytest.fixture
async def desk(tmp_path: Path, telegram: SimulatorProcess) -> AsyncIterator[TelegramDesk]:
    telegram.reset()
    secrets = {"telegram_webhook_secret": "the-new-one", "telegram_webhook_secret_old": "the-old-one"}
    async with telegram_desk(tmp_path, telegram, webhook=True, **secrets) as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as made:
        yield made


def update(update_id: Any = 5, text: str = "hello", **chat: Any) -> dict[str, Any]:
    where = {"id": ALEX, "type": "private", **chat}
    return {"update_id": update_id, "message": {"message_id": 1, "from": {"id": ALEX}, "chat": where, "text": text}}


async def stored(desk: TelegramDesk) -> list[str]:
    return [row[0] for row in await desk.rows("SELECT body FROM message WHERE direction = 'in' ORDER BY ord")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "wrong"},
        {HEADER: "the-new-on"},
        {HEADER: "the-new-one "[:-1] + "x"},
        {HEADER: "é".encode()},
        {HEADER: "x" * 5000},
        {"Authorization": "the-new-one"},
    ],
)
async def test_without_the_secret_nothing_is_stored(desk: TelegramDesk, client: httpx.AsyncClient, headers: Any):
    answer = await client.post(desk.webhook, json=update(), headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": {"code": "unauthorized"}})
    assert await stored(desk) == []
    assert desk.channel.health()["refused_webhooks"] == 1


@pytest.mark.parametrize("secret", ["the-new-one", "the-old-one"])
async def test_while_the_secret_is_rotated_both_are_good(desk: TelegramDesk, client: httpx.AsyncClient, secret: str):
    answer = await client.post(desk.webhook, json=update(text=secret), headers={HEADER: secret})
    assert answer.status_code == 200
    assert await stored(desk) == [secret]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b'{"update_id": 1',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"update_id": "5"}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
        b'{"update_id": 1e400}',
        b'{"update_id": true}',
        b"{}",
        b'{"update_id": ' + b"9" * 5000 + b"}",
    ],
)
async def test_what_is_no_update_is_refused(desk: TelegramDesk, client: httpx.AsyncClient, body: bytes):
    answer = await client.post(desk.webhook, content=body, headers={HEADER: "the-new-one"})
    assert answer.status_code == 400
    assert await stored(desk) == []


@pytest.mark.parametrize(
    "given",
    [
        {"update_id": 0},
        {"update_id": 1, "x": {}},
        {"update_id": 2, "channel_post": {"chat": {"id": -1, "type": "channel"}, "text": "x"}},
        {"update_id": 3, "inline_query": {"id": "1", "from": {"id": 1}, "query": "x"}},
        {"update_id": 4, "poll": {"id": "1"}},
        {"update_id": 5, "message": "x"},
        {"update_id": 6, "message": {"chat": {"id": "1", "type": "private"}, "text": "x"}},
        {"update_id": 7, "callback_query": {"id": 5}},
        {"update_id": 8, "update_id2": 5, "message": {"chat": None}},
    ],
)
async def test_what_no_resident_wrote_is_taken_without_a_trace(
    desk: TelegramDesk, client: httpx.AsyncClient, given: Any
):
    answer = await client.post(desk.webhook, json=given, headers={HEADER: "the-new-one"})
    assert answer.status_code == 200
    assert await desk.rows("SELECT count(*) FROM conversation") == [(0,)]


@pytest.mark.parametrize(
    "given",
    [
        update(0),
        update(2**63 - 1),
        update(5, id=2**52 + 1),
        update(6, id=-7),
        {**update(7), "message": {**update(7)["message"], "date": 4102444800}},
        update(8, "\ud800 lone"),
        update(9, "nul \x00 and bell \x07"),
        update(10, "a\u0300" * 500),
        update(11, "x" * 4096),
    ],
)
async def test_odd_but_possible_updates_are_stored_safely(desk: TelegramDesk, client: httpx.AsyncClient, given: Any):
    answer = await client.post(desk.webhook, content=json.dumps(given), headers={HEADER: "the-new-one"})
    assert answer.status_code == 200
    [body] = await stored(desk)
    assert "\x00" not in body
    assert body.encode()


@pytest.mark.parametrize("kind", ["my_chat_member", "message_reaction", "kind_to_come"])
async def test_other_kinds_are_noted_and_get_no_reply(desk: TelegramDesk, client: httpx.AsyncClient, kind: str):
    given = {"update_id": 5, kind: {"chat": {"id": ALEX, "type": "private"}, "from": {"id": ALEX}}}
    assert (await client.post(desk.webhook, json=given, headers={HEADER: "the-new-one"})).status_code == 200
    assert await desk.rows("SELECT kind, state FROM message") == [("ignored", "noted")]


async def test_the_same_update_with_other_words_leaves_the_first_and_raises_the_alarm(
    desk: TelegramDesk, client: httpx.AsyncClient
):
    for text in ("the first", "another"):
        answer = await client.post(desk.webhook, json=update(text=text), headers={HEADER: "the-new-one"})
        assert answer.status_code == 200
    assert await stored(desk) == ["the first"]
    assert desk.channel.health()["conflicts"] == 1


async def test_too_long_a_text_is_answered_and_not_stored(desk: TelegramDesk, client: httpx.AsyncClient):
    desk.telegram.add_user(1050, started=True)
    given = update(text="x" * 4097, id=1050)
    assert (await client.post(desk.webhook, json=given, headers={HEADER: "the-new-one"})).status_code == 200
    await desk.told(1050, "too long")
    assert await stored(desk) == []


async def test_a_stopped_desk_says_try_again(desk: TelegramDesk, client: httpx.AsyncClient):
    desk.channel.webhook.intake = None
    answer = await client.post(desk.webhook, json=update(), headers={HEADER: "the-new-one"})
    assert answer.status_code == 503


@pytest.mark.parametrize("method, status", [("GET", 405), ("PUT", 405)])
async def test_only_post_is_taken(desk: TelegramDesk, client: httpx.AsyncClient, method: str, status: int):
    assert (await client.request(method, desk.webhook)).status_code == status


async def test_a_webhook_taken_elsewhere_is_set_again(desk: TelegramDesk, client: httpx.AsyncClient):
    await desk.until(lambda: desk.telegram.state()["webhook"] == desk.webhook)
    await client.post(
        f"{desk.telegram.url}/bot{desk.telegram.token}/setWebhook", json={"url": "https://elsewhere.example.org/"}
    )
    await desk.until(lambda: desk.telegram.state()["webhook"] == desk.webhook)


async def test_the_token_is_never_logged(
    desk: TelegramDesk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "telegram"):
        assert logging.getLogger(name).getEffectiveLevel() >= logging.WARNING
    desk.telegram.add_user(1060, started=True)
    desk.telegram.faults(calls=[{"kind": kind, "times": 1} for kind in ("500", "close", "400")])
    for number in range(3):
        await desk.text(1060, f"q{number}")
    await desk.until(lambda: len(desk.telegram.calls("sendMessage")) >= 3, 15)
    secret = desk.telegram.token.split(":")[1]
    printed = capfd.readouterr()
    assert secret not in caplog.text + printed.out + printed.err


def test_a_secret_of_ones_own_is_the_same_after_every_restart(tmp_path: Path):
    first, second = (Settings(var=tmp_path, telegram_token="1:x") for _ in range(2))  # type: ignore[arg-type]
    assert webhook_secret(first) == webhook_secret(second)
    assert len(webhook_secret(first)) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"telegram_token": "no token"},
        {"telegram_token": "1:"},
        {"telegram_token": "1:x", "telegram_webhook_secret": "with space"},
    ],
)
def test_settings_that_cannot_work_are_said_at_once(tmp_path: Path, changes: dict[str, str]):
    with pytest.raises(ValueError, match="FRONTDESK_TELEGRAM"):
        TelegramChannel(Settings(var=tmp_path, **changes))  # type: ignore[arg-type]
