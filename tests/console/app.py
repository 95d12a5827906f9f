"""The console around a real desk with a scripted engine: for these tests, and as a server for a real browser."""

import asyncio
import functools
import itertools
import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as json_response

from bot.console.pages import console_blueprint
from bot.console.passwords import Passwords
from bot.core.commands import Commands
from bot.core.department import Department
from bot.core.emergency import EmergencyGate
from bot.core.ids import secret_id
from bot.core.message import IncomingMessage
from bot.core.refused import Unavailable
from bot.core.staff import Role
from bot.department_files import read_commands, read_department, read_gate, read_words
from bot.desk.desk import Desk
from bot.desk.parts import Parts
from bot.desk.words import Words
from bot.settings import Settings
from bot.store import invites, staff
from bot.store.cipher import Cipher
from bot.store.db import Database
from bot.store.migrate import upgrade
from tests.scripted_engine import ScriptedEngine

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "seven green lanterns by the river"
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
       "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp-report")
_numbers = itertools.count()
_empty_database: list[bytes] = []


def quick_passwords() -> Passwords:
    """argon2 at its lowest cost: the tests are about who may sign in, not about its price."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def console_app(desk: Desk, passwords: Passwords | None = None) -> Sanic:
    app = Sanic(f"console-{next(_numbers)}", configure_logging=False)
    app.config.RESPONSE_TIMEOUT = 30
    app.config.TOUCHUP = False  # it rewrites Sanic's methods in place, which a second app of one process cannot follow
    app.blueprint(console_blueprint(desk, passwords=passwords or quick_passwords()))
    app.static("/static/dist", ROOT / "bot/static/dist", name="dist")
    reports: list[str] = []

    @app.on_response
    async def secure(_request: Request, response: HTTPResponse) -> None:
        response.headers["content-security-policy"] = CSP
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["referrer-policy"] = "same-origin"

    @app.post("/csp-report")
    async def csp_report(request: Request) -> HTTPResponse:
        reports.append(request.body.decode())
        return json_response({})

    @app.get("/csp-reports")
    async def csp_reports(_request: Request) -> HTTPResponse:
        return json_response(reports)

    return app


async def add_staff(desk: Desk, username: str, name: str, role: Role = Role.STAFF, language: str = "en") -> None:
    hashed = await quick_passwords().hash(PASSWORD)
    await desk.db.write(lambda tx: staff.add(
        tx, username=username, name=name, password_hash=hashed, role=role, language=language, now=desk.clock()))


@functools.cache
def files() -> tuple[Department, Words, Commands, EmergencyGate]:
    """The department's own files, read once a process."""
    department = read_department(ROOT)
    return department, read_words(ROOT, department), read_commands(ROOT), read_gate(ROOT)


async def new_database(folder: Path) -> None:
    """An empty database in `folder`: the first of a process is migrated, the others are copies of it."""
    path = folder / "frontdesk.sqlite3"
    if path.exists():
        return
    if not _empty_database:
        await upgrade(f"sqlite+aiosqlite:///{path}")
        _empty_database.append(path.read_bytes())
    path.write_bytes(_empty_database[0])


async def make_desk(folder: Path, clock: Callable | None = None) -> Desk:
    settings = Settings(root=ROOT, var=folder, secret_key="a key for tests only")  # type: ignore[arg-type]
    await new_database(folder)
    _department, words, commands, gate = files()
    parts = Parts(settings, Database(settings.database), words, commands, Cipher(settings.key()),
                  **({"clock": clock} if clock else {}))
    titles = {"records/crash_report": {"title": {"en": "Getting a crash report", "es": "Obtener un informe de choque"}}}
    return Desk(parts, ScriptedEngine(), gate, topics_of=lambda release: titles)


async def say(desk: Desk, chat: str, text: str, external_id: str | None = None) -> str:
    """A resident writes, and writes again while the desk says that it could not store it; the conversation's id."""
    message = IncomingMessage(
        channel="widget", chat_key=chat, external_id=external_id or f"{chat}:{secret_id()}", text=text)
    while True:
        try:
            return (await desk.receive(message)).conversation_id
        except Unavailable:
            await asyncio.sleep(0.2)


def add_resident_routes(app: Sanic, desk: Desk) -> None:
    """What a channel would do, for a browser test that plays the resident."""

    @app.post("/resident/say")
    async def resident_says(request: Request) -> HTTPResponse:
        return json_response({"id": await say(desk, request.json["chat"], request.json["text"])})

    @app.post("/resident/typing")
    async def resident_types(request: Request) -> HTTPResponse:
        await desk.resident_typing(request.json["id"])
        return json_response({})

    @app.get("/resident/<conversation_id:str>")
    async def resident_sees(_request: Request, conversation_id: str) -> HTTPResponse:
        shown = await desk.transcript(conversation_id)
        return json_response({"typing": desk.typing(conversation_id),
                              "lines": [{"author": one.author.value, "text": one.text} for one in shown]})

    @app.post("/resident/invite")
    async def invite(_request: Request) -> HTTPResponse:
        code = await desk.db.write(lambda tx: invites.create(tx, Role.ADMIN, desk.clock(), 15))
        return json_response({"code": code})


async def serve(port: int, folder: Path) -> None:
    """Serve on `port`; a folder that was served before keeps what is in it."""
    is_new = not (folder / "frontdesk.sqlite3").exists()
    desk = await make_desk(folder)
    if is_new:
        await add_staff(desk, "rivera", "Officer Rivera")
        await add_staff(desk, "chen", "Clerk Chen")
        await add_staff(desk, "okafor", "Sergeant Okafor", Role.ADMIN)
    app = console_app(desk)
    add_resident_routes(app, desk)
    await desk.start()
    listening = socket.create_server(("127.0.0.1", port))
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    await server.start_serving()
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
