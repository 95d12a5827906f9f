"""The widget's HTTP: send a message, fetch what is new, choose a language, and what a page needs to draw itself."""

import asyncio
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import empty, json

from bot.channels.widget import bodies, shown, wire
from bot.channels.widget.front import Front, address_of, bearer
from bot.channels.widget.wire import NotAccepted
from bot.core.refused import Refused
from bot.desk.views import ConversationView

JSON = "application/json"


def add_api(blueprint: Blueprint, front: Front) -> None:
    """Mount the routes under /api/v1."""

    @blueprint.post("/api/v1/messages", stream=True, name="send")
    async def send(request: Request) -> HTTPResponse:
        return await _send(front, request)

    @blueprint.get("/api/v1/messages", name="fetch")
    async def fetch(request: Request) -> HTTPResponse:
        return await _fetch(front, request)

    @blueprint.post("/api/v1/language", stream=True, name="language")
    async def language(request: Request) -> HTTPResponse:
        return await _choose_language(front, request)

    @blueprint.get("/api/v1/config", name="config")
    async def config(request: Request) -> HTTPResponse:
        return json(config_of(front, request.args.get("language")), headers={"cache-control": "no-cache"})

    for path in ("messages", "language", "config"):
        blueprint.add_route(_preflight, f"/api/v1/{path}", methods=["OPTIONS"], name=f"preflight_{path}")


async def _preflight(_request: Request) -> HTTPResponse:
    """A browser asks whether another site's page may; the answer is in the headers."""
    return empty()


async def _send(front: Front, request: Request) -> HTTPResponse:
    token = bearer(request)
    posted = wire.posted(await _body(front, request))
    answer: dict[str, Any] = {}
    if token is not None and not front.sessions.is_ours(token):
        raise NotAccepted(401, "unknown_session")
    front.let_in(request, posted, is_first=token is None)
    if token is None:
        token = answer["token"] = front.sessions.draw(posted.start)
    received = await front.receive(token, posted)
    answer |= {"seq": received.seq, "duplicate": received.duplicate}
    if received.emergency:
        answer["emergency"] = shown.message(received.emergency)
    return json(answer, status=202)


async def _fetch(front: Front, request: Request) -> HTTPResponse:
    after = wire.sequence_number(request.args.get("after"))
    token = bearer(request)
    front.let_read(request)
    if token is None:
        raise NotAccepted(401, "unknown_session")
    chat_key, view = await front.conversation(token)
    if request.args.get("wait") == "1" and front.places.has_room(address_of(request)):
        with front.places.taken(address_of(request)):
            view = await _wait(front, chat_key, view, after)
    messages = await front.desk.transcript(view.id, after)
    return json(
        {
            "messages": [shown.message(one) for one in messages],
            **shown.standing(view),
            "typing": shown.typing(front.desk.typing(view.id)),
        }
    )


async def _wait(front: Front, chat_key: str, view: ConversationView, after: int) -> ConversationView:
    """Wait until something changes after `after`, at most `long_poll_seconds`; the conversation as it is then."""
    with front.desk.watch(view.id) as watch:
        if not await front.desk.transcript(view.id, after):
            await watch.changed(front.desk.settings.long_poll_seconds)
            # The word "changed" may come just before the reply that follows it at once.
            await asyncio.sleep(0.02)
    return await front.desk.conversation(chat_key) or view


async def _choose_language(front: Front, request: Request) -> HTTPResponse:
    token = bearer(request)
    if token is None:
        raise NotAccepted(401, "unknown_session")
    language = wire.language(wire.document(await _body(front, request)))
    _, view = await front.conversation(token)
    if language not in front.desk.department.languages:
        raise Refused("This language is not available here.", code="language")
    await front.desk.choose_language(view.id, language)
    return empty()


async def _body(front: Front, request: Request) -> bytes:
    settings = front.desk.settings
    return await bodies.read(request, most=settings.body_bytes, seconds=settings.body_seconds, content_type=JSON)


def config_of(front: Front, wanted: str | None) -> dict[str, Any]:
    """Everything the widget draws with, in one language; nothing about anybody."""
    words, department = front.desk.words, front.desk.department
    language = words.known(wanted)
    keys = sorted(key for key in words.keys(department.default_language) if _is_drawn(key))
    texts = {key.removeprefix("widget_"): words.say(key, language) for key in keys}
    return {
        "language": language,
        "department": department.name(language),
        "texts": texts,
        "languages": [{"code": one, "name": words.say("language_name", one)} for one in department.languages],
        "emergency_number": department.value("emergency.number", language),
        "crisis_line": department.value("emergency.crisis_line", language) or "",
        "privacy_link": department.value("privacy_link", language) or "",
        "quick_exit_link": quick_exit_link(front),
        "characters": front.desk.settings.message_characters,
    }


def _is_drawn(key: str) -> bool:
    return key.startswith("widget_") and not key.startswith("widget_error_")


def quick_exit_link(front: Front) -> str:
    return front.desk.department.value("quick_exit_link", front.desk.department.default_language) or "about:blank"
