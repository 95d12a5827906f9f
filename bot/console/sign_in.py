"""Signing in and out, the first account by one-time link, and the language of the console."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import Guard, address_of, field, record
from bot.console.cookies import set_probe, set_token
from bot.console.passwords import Passwords
from bot.console.render import Renderer, language_of
from bot.core import sign_in as rules
from bot.core.refused import Refused
from bot.core.staff import StaffMember
from bot.store import audit, invites, sessions, staff

if TYPE_CHECKING:
    from bot.desk.desk import Desk

TRIES_PER_ADDRESS = 20
"""Failed tries of one address at once: a whole station may share one. They come back one every few minutes."""
HOME = "/console/"
_OWN_PATH = re.compile(r"/console/(conversations/[0-9a-f-]{1,64}|staff)?")


class SignIn:
    def __init__(self, desk: "Desk", renderer: Renderer, passwords: Passwords) -> None:
        self.desk, self.renderer, self.passwords = desk, renderer, passwords
        settings = desk.settings
        self.wait = timedelta(minutes=settings.sign_in_wait_minutes)
        self.tries = rules.AddressTries(burst=TRIES_PER_ADDRESS,
                                        per_minute=settings.sign_in_tries / max(settings.sign_in_wait_minutes, 0.01))

    async def page(self, request: Request) -> HTTPResponse:
        if request.ctx.staff:
            return redirect(HOME, status=303)
        note = {"out": "signed_out", "over": "session_over"}.get(request.args.get("note") or "")
        return self._form(request, note=note)

    async def post(self, request: Request) -> HTTPResponse:
        """The same answer, after the same work, for an unknown account, a wrong password and an account that waits."""
        try:
            token = await self._token(request)
        except Refused as refused:
            status = 429 if refused.code == "too_many" else 401
            return self._form(request, status=status, error=refused.code, username=field(request, "username")[:64])
        following = field(request, "next")
        response = redirect(following if _OWN_PATH.fullmatch(following) else HOME, status=303)
        set_token(self.desk, request, response, token)
        return response

    async def _token(self, request: Request) -> str:
        self._take_try(request)
        username, password = _known_form(field(request, "username")), field(request, "password")
        stored = await self.desk.db.read(lambda tx: staff.password_hash(tx, username))
        is_right = await self.passwords.verify(stored, password, most=self.desk.settings.password_characters)
        is_old = is_right and stored is not None and self.passwords.is_outdated(stored)
        newer = await self.passwords.hash(password) if is_old else None
        now = self.desk.clock()
        token = await self.desk.db.write(lambda tx: self._settle(tx, request, username, is_right, newer, now))
        if token is None:
            raise Refused("The username or the password is not right.", code="wrong_sign_in")
        self.tries.give_back(address_of(request))
        return token

    async def _settle(
        self, tx: AsyncConnection, request: Request, username: str, is_right: bool, newer: str | None, now: datetime
    ) -> str | None:
        most = self.desk.settings.sign_in_tries
        who, account = await staff.settle_try(tx, username, is_right=is_right, now=now, most=most, wait=self.wait)
        detail = {"address": address_of(request)}
        if who is None:
            # What was typed as a username is not kept: it may be a password in the wrong field.
            await audit.append(tx, "nobody", "sign_in_failed", account or "unknown", detail, now)
            return None
        if newer:
            await staff.set_password(tx, who.id, newer)
        return await self._open(tx, request, who, "sign_in", detail, now)

    async def _open(
        self, tx: AsyncConnection, request: Request, who: StaffMember, action: str, detail: dict[str, str],
        now: datetime
    ) -> str:
        if request.ctx.session:
            await sessions.end(tx, request.ctx.session.token_hash, now)
        await sessions.remove_old(tx, now - timedelta(days=30))
        await audit.append(tx, who.username, action, who.id, detail, now)
        return await sessions.open_one(tx, who.id, now)

    async def welcome(self, request: Request) -> HTTPResponse:
        return self._welcome(request, {}, None)

    async def post_welcome(self, request: Request) -> HTTPResponse:
        """Create the account that a one-time link allows, and sign in with it."""
        try:
            token = await self._new_account(request)
        except Refused as refused:
            kept = {name: field(request, name)[:100] for name in ("name", "username", "code")}
            return self._welcome(request, kept, refused.code, status=429 if refused.code == "too_many" else 422)
        response = redirect(HOME, status=303)
        set_token(self.desk, request, response, token)
        return response

    async def _new_account(self, request: Request) -> str:
        self._take_try(request)
        username, name = rules.username(field(request, "username")), rules.shown_name(field(request, "name"))
        if field(request, "password") != field(request, "password_again"):
            raise Refused("The two passwords are not the same.", code="passwords_differ")
        password = rules.new_password(field(request, "password"), most=self.desk.settings.password_characters,
                                      not_containing=(username, *name.split(), "password", "police", "frontdesk"))
        hashed, now = await self.passwords.hash(password), self.desk.clock()
        language = language_of(self.desk, request)

        async def work(tx: AsyncConnection) -> str:
            role = await invites.use(tx, field(request, "code").strip().lstrip("#"), now)
            if role is None:
                raise Refused("This link does not work.", code="link_spent")
            who = await staff.add(
                tx, username=username, name=name, password_hash=hashed, role=role, language=language, now=now)
            return await self._open(tx, request, who, "account_created", {"role": role.value}, now)

        token = await self.desk.db.write(work)
        self.tries.give_back(address_of(request))
        return token

    async def sign_out(self, request: Request) -> HTTPResponse:
        now, session = self.desk.clock(), request.ctx.session

        async def work(tx: AsyncConnection) -> None:
            await sessions.end(tx, session.token_hash, now)
            await record(tx, request, "sign_out", session.staff.id, now)

        await self.desk.db.write(work)
        response = redirect("/console/sign-in?note=out", status=303)
        set_token(self.desk, request, response, "")
        return response

    async def language(self, request: Request) -> HTTPResponse:
        chosen, following = field(request, "language"), field(request, "next")
        if chosen in self.desk.department.languages:
            await self.desk.db.write(lambda tx: staff.set_language(tx, request.ctx.staff.id, chosen))
        return redirect(following if _OWN_PATH.fullmatch(following) else HOME, status=303)

    def _take_try(self, request: Request) -> None:
        if not self.tries.take(address_of(request), self.desk.clock().timestamp()):
            raise Refused("There were too many tries from this connection.", code="too_many")

    def _welcome(self, request: Request, form: dict[str, str], error: str | None, *, status: int = 200) -> HTTPResponse:
        settings = self.desk.settings
        page = self.renderer.page(request, "welcome.html", status=status, form=form, error=error,
                                  minutes=settings.invite_minutes, wait=settings.sign_in_wait_minutes)
        set_probe(self.desk, request, page)
        return page

    def _form(
        self, request: Request, *, status: int = 200, error: str | None = None, note: str | None = None,
        username: str = ""
    ) -> HTTPResponse:
        settings = self.desk.settings
        page = self.renderer.page(
            request, "sign_in.html", status=status, error=error, note=note, username=username,
            next=request.args.get("next") or field(request, "next"), tries=settings.sign_in_tries,
            minutes=settings.sign_in_wait_minutes)
        set_probe(self.desk, request, page)
        return page


def _known_form(text: str) -> str:
    """A username as accounts have them; what cannot be one is looked up as nobody's, in the same time."""
    try:
        return rules.username(text)
    except Refused:
        return ""


def add_routes(guard: Guard, desk: "Desk", renderer: Renderer, passwords: Passwords) -> None:
    pages = SignIn(desk, renderer, passwords)
    guard.add(pages.page, "/sign-in", "sign_in")
    guard.add(pages.post, "/sign-in", "post_sign_in", "POST")
    guard.add(pages.welcome, "/welcome", "welcome")
    guard.add(pages.post_welcome, "/welcome", "post_welcome", "POST")
    guard.add(pages.sign_out, "/sign-out", "sign_out", "POST")
    guard.add(pages.language, "/language", "language", "POST")
