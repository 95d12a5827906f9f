"""The web channel over HTTP, with a real desk behind it."""

# ruff: noqa: F811  (pytest finds its fixtures by the names that are imported)

import asyncio
import json
import uuid

import pytest

from bot.core.message import Button
from bot.desk.desk import Desk
from bot.desk.engine import EngineAnswer, EngineReply
from bot.desk.views import StaffView
from tests.channels.widget_fixtures import database_url, site  # noqa: F401
from tests.channels.widget_site import Site, served
from tests.scripted_engine import ScriptedEngine, echo

HEAD = b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


async def test_the_first_message_begins_a_conversation_and_is_answered(site: Site) -> None:
    accepted = await site.say("how do i get my accident report")
    assert accepted.status_code == 202
    token = accepted.json()["token"]
    polled = await site.fetch(token, after=1, wait=True)
    while not polled["messages"]:
        polled = await site.fetch(token, after=1, wait=True)
    assert polled["messages"][0]["text"] == "answer to how do i get my accident report"
    assert polled["messages"][0]["author"] == "assistant"
    assert polled["owner"] == "assistant"


async def test_no_cookie_is_set_and_no_inner_id_is_told(site: Site) -> None:
    accepted = await site.say("hello there")
    page = json.dumps(await site.fetch(accepted.json()["token"]))
    assert "set-cookie" not in accepted.headers
    assert set(accepted.json()) == {"token", "seq", "duplicate"}
    conversation = await site.desk.conversation(_key(site, accepted.json()["token"]))
    assert conversation is not None
    assert conversation.id not in page


async def test_a_message_sent_twice_is_one_message(site: Site) -> None:
    body = {"client_id": str(uuid.uuid4()), "text": "once only", "start": "ab" * 32}
    first, again = [(await site.http.post("/api/v1/messages", json=body)).json() for _ in range(2)]
    assert first["token"] == again["token"]
    assert (first["seq"], first["duplicate"], again["seq"], again["duplicate"]) == (1, False, 1, True)
    assert (await site.texts(first["token"])).count("once only") == 1


async def test_the_same_id_with_other_words_is_a_conflict(site: Site) -> None:
    token, body = await site.begin(), {"client_id": str(uuid.uuid4()), "text": "one"}
    await site.http.post("/api/v1/messages", json=body, headers=site.as_(token))
    answer = await site.http.post("/api/v1/messages", json={**body, "text": "two"}, headers=site.as_(token))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


async def test_one_residents_id_does_not_meet_anothers(site: Site) -> None:
    body = {"client_id": str(uuid.uuid4()), "text": "mine"}
    for text in ("mine", "and mine"):
        answer = await site.http.post("/api/v1/messages", json={**body, "text": text})
        assert answer.status_code == 202


@pytest.mark.parametrize(
    "raw, status",
    [
        (b"", 400),
        (b"null", 400),
        (b"[" * 16_000, 400),
        (b'{"text": "\xff"}', 400),
        (b'{"a": NaN}', 400),
        (b" " * 16_385, 413),
        (b'{"text": "' + b"x" * 20_000 + b'"}', 413),
    ],
)
async def test_a_bad_body_is_refused_in_plain_words(site: Site, raw: bytes, status: int) -> None:
    answer = await site.http.post("/api/v1/messages", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")


async def test_a_body_that_never_ends_is_cut_off(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(10):
        writer.write(b"2000\r\n" + b"x" * 8192 + b"\r\n")
    answer = await asyncio.wait_for(reader.read(200), 3)
    assert answer.startswith(b"HTTP/1.1 413")
    writer.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_packed_body_is_not_unpacked(site: Site, encoding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}
    assert (await site.http.post("/api/v1/messages", content=b"\x1f\x8b", headers=headers)).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_json(site: Site, kind: str) -> None:
    answer = await site.http.post("/api/v1/messages", content=b"{}", headers={"content-type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize("length, status", [(4096, 202), (4097, 413)])
async def test_how_long_a_message_may_be(site: Site, length: int, status: int) -> None:
    assert (await site.say("x" * length)).status_code == status


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "😀😀"])
async def test_an_empty_message_gets_one_polite_reply(site: Site, text: str) -> None:
    token = (await site.say(text)).json()["token"]
    replies = await _replies(site, token)
    assert len(replies) == 1
    assert "could not read" in replies[0]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/session_start",
        '/intent{"slot":"x"}',
        "/x@1.0",
        "/bot{",
        "' OR 1=1--",
        "%s",
        "{0.__class__}",
        "${TELEGRAM_TOKEN}",
        "{{7*7}}",
        "$(id)",
        "<script>alert(1)</script>",
        "\u202egnp.exe",
    ],
)
async def test_odd_text_is_kept_and_passed_on_as_text(site: Site, engine: ScriptedEngine, text: str) -> None:
    token = (await site.say(text)).json()["token"]
    await _replies(site, token)
    assert (await site.texts(token))[0] == text
    assert engine.requests[0]["message"] == {"text": text}


@pytest.mark.parametrize(
    "authorization, status",
    [
        ("", 401),
        ("Bearer", 401),
        ("Bearer x", 401),
        ("Basic YTpi", 401),
        ("Bearer " + "A" * 43, 401),
        ("Bearer " + "A" * 6000, 401),
        ("Bearer ' OR 1=1--", 401),
    ],
)
async def test_a_wrong_token_reads_and_writes_nothing(site: Site, authorization: str, status: int) -> None:
    headers = {"authorization": authorization}
    assert (await site.http.get("/api/v1/messages", headers=headers)).status_code == status
    body = {"client_id": str(uuid.uuid4()), "text": "x"}
    assert (await site.http.post("/api/v1/messages", json=body, headers=headers)).status_code == status
    assert (await site.http.post("/api/v1/language", json={"language": "es"}, headers=headers)).status_code == status


async def test_reading_needs_a_token(site: Site) -> None:
    assert (await site.http.get("/api/v1/messages")).status_code == 401
    assert (await site.http.get("/api/v1/conversations/1")).status_code == 404


async def test_a_token_whose_conversation_does_not_exist_is_unknown(site: Site) -> None:
    from bot.channels.widget.sessions import Sessions

    token = Sessions(site.desk.settings.key()).draw()
    assert (await site.http.get("/api/v1/messages", headers=site.as_(token))).status_code == 401


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "99999999999", "1' OR '1'='1"])
async def test_a_bad_place_is_refused(site: Site, after: str) -> None:
    token = await site.begin()
    answer = await site.http.get("/api/v1/messages", params={"after": after}, headers=site.as_(token))
    assert answer.status_code == 400


async def test_only_what_is_new_is_fetched_in_order(site: Site) -> None:
    token = await site.begin("one")
    for text in ("two", "three"):
        await site.say(text, token)
    await _replies(site, token, 3)
    everything = (await site.fetch(token))["messages"]
    assert [message["seq"] for message in everything] == sorted(message["seq"] for message in everything)
    assert (await site.fetch(token, after=everything[3]["seq"]))["messages"] == everything[4:]


async def test_an_emergency_comes_back_with_the_answer_to_the_post(site: Site) -> None:
    answer = (await site.say("someone is breaking into my house right now")).json()
    assert answer["emergency"]["author"] == "notice"
    assert "911" in answer["emergency"]["text"]


async def test_an_emergency_passes_the_limits_of_an_address(make_desk: object) -> None:
    desk: Desk = make_desk(new_chats_per_minute=2, address_burst=3, address_per_minute=1)  # type: ignore[operator]
    await desk.start()
    async with served(desk) as site:
        statuses = [(await site.say(f"hello {number}")).status_code for number in range(5)]
        assert statuses == [202, 202, 429, 429, 429]
        refused = await site.say("hello again")
        assert refused.headers["retry-after"] == "60"
        assert "911" in refused.json()["error"]["message"]
        assert "911" in (await site.say("there is a man with a gun in my house right now")).json()["emergency"]["text"]
    await desk.stop()


async def test_an_emergency_is_answered_when_nothing_can_be_stored(site: Site) -> None:
    token = await site.begin()
    await site.desk.db.close()

    async def unavailable(*_: object, **__: object) -> None:
        from bot.core.refused import Unavailable

        raise Unavailable("locked")

    site.desk.db.write = site.desk.db.read = unavailable  # type: ignore[method-assign,assignment]
    answer = await site.say("someone is breaking into my house right now", token)
    assert answer.status_code == 503
    assert "911" in answer.json()["emergency"]
    plain = await site.say("how do i pay a ticket", token)
    assert (plain.status_code, plain.json()["error"]["code"]) == (503, "unavailable")
    assert plain.headers["retry-after"] == "2"


async def test_buttons_work_once_and_only_in_their_conversation(site: Site, engine: ScriptedEngine) -> None:
    engine.script = _with_button
    token = await site.begin("which report")
    button = (await _replies(site, token))[0]["buttons"][0]
    other = await site.begin("hello")
    body = {"client_id": str(uuid.uuid4()), "button": button["id"]}
    await site.http.post("/api/v1/messages", json=body, headers=site.as_(other))
    await asyncio.sleep(0.2)
    assert "no longer in use" in (await site.texts(other))[-1]
    await site.http.post("/api/v1/messages", json={**body, "client_id": str(uuid.uuid4())}, headers=site.as_(token))
    await _replies(site, token, 2)
    assert (await site.texts(token))[2] == button["title"]


async def test_a_person_is_one_command_away(site: Site) -> None:
    token = await site.begin()
    body = {"client_id": str(uuid.uuid4()), "command": "human", "language": "es"}
    assert (await site.http.post("/api/v1/messages", json=body, headers=site.as_(token))).status_code == 202
    for _ in range(50):
        polled = await site.fetch(token)
        if polled["owner"] == "waiting":
            break
        await asyncio.sleep(0.05)
    assert (polled["owner"], polled["position"]) == ("waiting", 1)
    assert "Hablar con una persona" in [message["text"] for message in polled["messages"]]


async def test_the_language_is_chosen(site: Site) -> None:
    token = await site.begin()
    assert (
        await site.http.post("/api/v1/language", json={"language": "es"}, headers=site.as_(token))
    ).status_code == 204
    view = await site.desk.conversation(_key(site, token))
    assert view is not None
    assert (view.language, view.language_chosen) == ("es", True)
    answer = await site.http.post("/api/v1/language", json={"language": "tlh"}, headers=site.as_(token))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "language, expected", [("es", "es"), ("en", "en"), ("tlh", "en"), ("", "en"), ("x" * 5000, "en")]
)
async def test_what_the_widget_draws_with(site: Site, language: str, expected: str) -> None:
    config = (await site.http.get("/api/v1/config", params={"language": language})).json()
    assert config["language"] == expected
    assert config["emergency_number"] == "911"
    assert [one["code"] for one in config["languages"]] == ["en", "es"]
    assert config["texts"]["greeting"].count("911") == 1
    assert "[[" not in json.dumps(config)


async def test_pages_of_other_sites_stay_outside(site: Site) -> None:
    evil = {"origin": "https://evil.example"}
    body = {"client_id": str(uuid.uuid4()), "text": "x"}
    answer = await site.http.post("/api/v1/messages", json=body, headers=evil)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert (await site.http.post("/chat", data={"text": "x"}, headers=evil)).status_code == 403
    own = {"origin": site.address}
    assert (await site.http.post("/api/v1/messages", json=body, headers=own)).status_code == 202


async def test_a_site_of_the_department_may_embed_the_widget(make_desk: object) -> None:
    desk: Desk = make_desk(widget_origins="https://www.example.org, https://city.example.org/")  # type: ignore[operator]
    async with served(desk) as site:
        headers = {"origin": "https://city.example.org", "access-control-request-method": "POST"}
        preflight = await site.http.options("/api/v1/messages", headers=headers)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "https://city.example.org"
        assert "Authorization" in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in preflight.headers
        config = await site.http.get("/api/v1/config", headers={"origin": "https://city.example.org"})
        assert config.headers["access-control-allow-origin"] == "https://city.example.org"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "1.2.3.4"},
        {"x-forwarded-for": "' OR 1=1--"},
        {f"x-many-{number}": "x" for number in range(100)},
        {"host": "evil.example"},
        {"x-large": "x" * 60_000},
    ],
)
async def test_odd_headers_change_nothing(site: Site, headers: dict[str, str]) -> None:
    body = {"client_id": str(uuid.uuid4()), "text": "x"}
    answer = await site.http.post("/api/v1/messages", json=body, headers=headers)
    assert answer.status_code in (202, 400, 413, 431)


async def test_fifty_messages_in_a_second_are_limited_with_one_notice(site: Site, engine: ScriptedEngine) -> None:
    token = await site.begin()
    answers = await asyncio.gather(*(site.say(f"number {number}", token) for number in range(49)))
    assert {answer.status_code for answer in answers} <= {202, 429}
    await asyncio.sleep(1)
    texts = await site.texts(token)
    assert sum("writing faster" in text for text in texts) == 1
    said = [request["message"]["text"] for request in engine.requests]
    assert len(said) == len(set(said)) <= 12


async def test_a_slow_body_is_not_waited_for(make_desk: object) -> None:
    desk: Desk = make_desk(body_seconds=0.3)  # type: ignore[operator]
    async with served(desk) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(HEAD + b"Content-Length: 50\r\n\r\n{")
        answer = await asyncio.wait_for(reader.read(200), 3)
        assert answer.startswith(b"HTTP/1.1 408")
        writer.close()


async def test_what_staff_say_carries_their_name(site: Site) -> None:
    token = await site.begin()
    view = await site.desk.conversation(_key(site, token))
    assert view is not None
    watcher = asyncio.create_task(_until_typing(site, token))
    await asyncio.sleep(0.2)
    await site.desk.staff_typing(view.id, StaffView("s1", "Officer Dana Lee"))
    assert (await asyncio.wait_for(watcher, 5)) == {"who": "staff", "name": "Officer Dana Lee"}


def _with_button(request: object) -> EngineAnswer:
    answer = echo(request)  # type: ignore[arg-type]
    reply = EngineReply("which one?", None, (Button("Crash report", topic="records/crash_report"),))
    return EngineAnswer(**{**answer.__dict__, "replies": (reply,)})


async def _until_typing(site: Site, token: str) -> object:
    after = 0
    while True:
        polled = await site.fetch(token, after, wait=True)
        after = max([after, *(message["seq"] for message in polled["messages"])])
        if polled["typing"]["who"] == "staff":
            return polled["typing"]


async def _replies(site: Site, token: str, count: int = 1) -> list[dict[str, object]]:
    for _ in range(100):
        found = [one for one in (await site.fetch(token))["messages"] if one["author"] != "resident"]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("no reply came")


def _key(site: Site, token: str) -> str:
    from bot.channels.widget.sessions import Sessions

    return Sessions(site.desk.settings.key()).chat_key(token)
