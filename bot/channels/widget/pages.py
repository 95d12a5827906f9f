"""/chat, the conversation as a plain page that works without JavaScript, and /, the example page with the widget."""

import contextlib
import uuid
from urllib.parse import parse_qsl

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from bot.channels.widget import bodies, page_values
from bot.channels.widget.api import quick_exit_link
from bot.channels.widget.front import COMMAND_TEXTS, Front
from bot.channels.widget.wire import BUTTON, NotAccepted, Posted
from bot.core.message import Shown
from bot.core.refused import Refused, Unavailable
from bot.core.text import clean
from bot.pages import render

FORM = "application/x-www-form-urlencoded"
COOKIE, PLAIN_COOKIE = "__Host-frontdesk-chat", "frontdesk-chat"
# A form writes one character of four bytes as twelve.
FORM_BYTES_PER_BODY_BYTE = 4


def add_pages(blueprint: Blueprint, front: Front) -> None:
    """Mount /, /chat and /chat/exit."""

    @blueprint.get("/", name="demo")
    async def demo(request: Request) -> HTTPResponse:
        return render("demo.html", **page_values.common(front, request))

    @blueprint.get("/chat", name="chat")
    async def chat(request: Request) -> HTTPResponse:
        front.let_read(request)
        return await _show(front, request)

    @blueprint.post("/chat", stream=True, name="chat_send")
    async def chat_send(request: Request) -> HTTPResponse:
        return await _send(front, request)

    @blueprint.get("/chat/exit", name="chat_exit")
    async def chat_exit(request: Request) -> HTTPResponse:
        response = redirect(quick_exit_link(front), status=303, headers={"cache-control": "no-store"})
        if request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
            _set_cookie(front, response, None)
        return response


async def _show(
    front: Front, request: Request, *, note: str | None = None, text: str = "", status: int = 200
) -> HTTPResponse:
    """The page as it is now. `note` says what went wrong; `text` is then kept in the box."""
    token, view, messages = request.cookies.get(_cookie_name(front)), None, list[Shown]()
    if token:
        try:
            _, view = await front.conversation(token)
            messages = await front.desk.transcript(view.id)
        except NotAccepted:
            token = None
    values = page_values.common(front, request, view)
    note = note or ("chat_waiting" if page_values.awaits_answer(view, messages) else None)
    language = values["language"]
    response = render(
        "chat.html",
        status=status,
        **values,
        view=view,
        text=text,
        form=front.sessions.draw_form(token),
        messages=page_values.items(front, messages, language),
        note=front.say(note, language) if note else None,
    )
    response.headers["cache-control"] = "no-store"
    # With "no-referrer" a browser would hide from us that a form came from our own page.
    response.headers["referrer-policy"] = "same-origin"
    return response


async def _send(front: Front, request: Request) -> HTTPResponse:
    if not front.origins.is_own(request):
        raise NotAccepted(403, "not_allowed")
    fields = await _fields(front, request)
    token = request.cookies.get(_cookie_name(front))
    if token and not front.sessions.is_ours(token):
        token = None
    name = front.sessions.form_name(fields.get("form", ""), token)
    text = clean(fields.get("text", ""))
    if name is None:
        return await _show(front, request, note="chat_old_page", text=text, status=409)
    posted = _posted(name, fields, text)
    if posted is None:
        return await _show(front, request, note="chat_empty")
    if token and fields.get("chosen") == "1":
        await _choose_language(front, token, posted.language)
    return await _receive(front, request, token, name, posted)


async def _choose_language(front: Front, token: str, language: str | None) -> None:
    """The link of a language was pressed before this form was sent. Never in the way of the message itself."""
    with contextlib.suppress(Refused, Unavailable, NotAccepted):
        _, view = await front.conversation(token)
        await front.desk.choose_language(view.id, language or "")


async def _receive(front: Front, request: Request, token: str | None, name: str, posted: Posted) -> HTTPResponse:
    try:
        front.let_in(request, posted, is_first=token is None)
        token = token or front.sessions.draw(name)
        received = await front.receive(token, posted)
    except (Refused, Unavailable, NotAccepted) as error:
        note = {"too_long": "widget_error_too_long", "too_many": "widget_error_too_many"}.get(
            getattr(error, "code", ""), "widget_error_unavailable"
        )
        page = await _not_sent(front, request, note, posted.text or "", error)
        if getattr(error, "emergency", None) and token:
            # What could not be stored yet is kept aside and belongs to this session all the same.
            _set_cookie(front, page, token)
        return page
    await _await_reply(front, received.conversation_id, received.seq)
    response = redirect(f"/chat?language={front.desk.words.known(posted.language)}#latest", status=303)
    _set_cookie(front, response, token)
    return response


async def _not_sent(front: Front, request: Request, note: str, text: str, error: Exception) -> HTTPResponse:
    """The page with what went wrong; an emergency notice stands above everything else."""
    status = 413 if note.endswith("too_long") else 429 if note.endswith("too_many") else 503
    emergency = request.ctx.emergency = getattr(error, "emergency", None)
    try:
        return await _show(
            front, request, note=None if emergency else note, text="" if emergency else text, status=status
        )
    except Unavailable:
        values = page_values.common(front, request)
        return render(
            "chat.html",
            status=status,
            **values,
            view=None,
            text=text,
            form=front.sessions.draw_form(None),
            messages=[],
            note=front.say(note, values["language"]),
        )


async def _await_reply(front: Front, conversation_id: str, seq: int) -> None:
    """Most answers take less than a second: wait a little, so that the page comes back with it."""
    with front.desk.watch(conversation_id) as watch:
        for _ in range(4):
            if await front.desk.transcript(conversation_id, seq):
                return
            if not await watch.changed(front.desk.settings.plain_page_wait_seconds / 2):
                return


async def _fields(front: Front, request: Request) -> dict[str, str]:
    """The form's fields, each once. Raises NotAccepted(400)."""
    settings = front.desk.settings
    body = await bodies.read(
        request, most=FORM_BYTES_PER_BODY_BYTE * settings.body_bytes, seconds=settings.body_seconds, content_type=FORM
    )
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        raise NotAccepted(400, "bad_request") from None
    if len(dict(pairs)) != len(pairs):
        raise NotAccepted(400, "bad_request")
    return dict(pairs)


def _posted(name: str, fields: dict[str, str], text: str) -> Posted | None:
    """What was sent; None for an empty box. The id grows out of the form and the words: the same form sent twice is one
    message, and a form that a browser's Back button brought again is another when its words are."""
    way, value = next(((way, fields[way]) for way in ("button", "command") if way in fields), ("text", text))
    if not value:
        return None
    if (way == "button" and not BUTTON.fullmatch(value)) or (way == "command" and value not in COMMAND_TEXTS):
        raise NotAccepted(400, "bad_request")
    client_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name} {way} {value}"))
    return Posted(client_id=client_id, language=fields.get("language", "")[:8], **{way: value})


def _cookie_name(front: Front) -> str:
    return PLAIN_COOKIE if front.desk.settings.plain_http_cookie else COOKIE


def _set_cookie(front: Front, response: HTTPResponse, token: str | None) -> None:
    """The session's cookie, gone with the browser; None takes it away. `__Host-` binds it to this very host."""
    response.add_cookie(
        _cookie_name(front),
        token or "",
        path="/",
        secure=not front.desk.settings.plain_http_cookie,
        httponly=True,
        samesite="Strict",
        max_age=0 if token is None else None,
    )
