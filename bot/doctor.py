"""``frontdesk doctor``: what must be right before the desk can run, and what to do about what is not."""

import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from bot.core.refused import Refused, Unavailable
from bot.department_files import read_commands, read_department, read_gate, read_words
from bot.releases import ReleaseFolder
from bot.settings import Settings
from bot.store import releases, topics
from bot.store.db import Database
from bot.store.migrate import upgrade
from bot.training.topic_files import TopicFileProblem, read_topics
from bot.web import DIST

LEAST_DISK = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    part: str
    is_well: bool
    words: str


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, good and bad, in the order in which they are worth mending."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("packages", _packages),
        ("front end", _front_end),
        ("department", lambda: _department(settings)),
        ("texts", lambda: _texts(settings)),
        ("topic files", lambda: _topic_files(settings)),
        ("disk", lambda: _disk(settings)),
        ("port", lambda: _port(settings)),
    ]
    findings = [_checked(part, check) for part, check in checks]
    return [*findings, *await _database(settings)]


def _checked(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except (Refused, TopicFileProblem, ValueError, OSError, PackageNotFoundError) as error:
        return Finding(part, False, str(error))


def _python() -> str:
    if sys.version_info[:2] != (3, 12):
        raise Refused(f"Python 3.12 is needed, this is {sys.version.split()[0]}. Run: make setup")
    return sys.version.split()[0]


def _packages() -> str:
    names = ("rasa", "rasa-sdk", "sanic", "sqlalchemy", "python-telegram-bot", "onnxruntime")
    return ", ".join(f"{name} {version(name)}" for name in names)


def _front_end() -> str:
    if not (DIST / "widget.js").is_file():
        raise Refused("The widget is not built. Run: make setup")
    return "built"


def _department(settings: Settings) -> str:
    department = read_department(settings.root)
    note = (
        ". It is still the example: change its numbers and links, then set example: false"
        if department.is_example
        else ""
    )
    return department.name(department.default_language) + note


def _texts(settings: Settings) -> str:
    department = read_department(settings.root)
    words = read_words(settings.root, department)
    read_commands(settings.root)
    read_gate(settings.root)
    for language in department.languages[1:]:
        if missing := words.keys(department.default_language) - words.keys(language):
            raise Refused(f"data/texts lacks {len(missing)} texts in '{language}', for example '{min(missing)}'.")
    return f"complete in {', '.join(department.languages)}"


def _topic_files(settings: Settings) -> str:
    return f"{len(read_topics(settings.root / 'data' / 'nlu'))} topics"


def _disk(settings: Settings) -> str:
    settings.var.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.var).free
    if free < LEAST_DISK:
        raise Refused(f"Only {free // 1_000_000} MB are free where {settings.var} lies; 1,000 MB are the least.")
    return f"{free // 1_000_000_000} GB free"


def _port(settings: Settings) -> str:
    with socket.socket() as probe:
        if probe.connect_ex((settings.host, settings.port)) == 0:
            return f"{settings.port} is in use: a desk is running, or set FRONTDESK_PORT"
    return f"{settings.port} is free"


async def _database(settings: Settings) -> list[Finding]:
    try:
        await upgrade(settings.database)
        db = Database(settings.database)
        try:
            count, live = await db.read(topics.count), await db.read(releases.live)
        finally:
            await db.close()
    except (Refused, Unavailable, OSError) as error:
        return [Finding("database", False, str(error))]
    kind = "SQLite" if db.is_sqlite else "PostgreSQL"
    is_usable = live is not None and ReleaseFolder(settings.var / "releases").is_usable(live["id"])
    missing = "none that this version can use. Run: frontdesk train"
    release = f"live: {live['id']}" if live is not None and is_usable else missing
    return [Finding("database", True, f"{kind}, {count} topics"), Finding("release", is_usable, release)]
