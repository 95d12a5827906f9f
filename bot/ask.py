"""``frontdesk ask``: a question through the same gate, desk and engine as a message, with nothing real written."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.action_route import same_token, start_action_server
from bot.app import build_desk
from bot.core.ids import secret_id
from bot.core.message import Author, IncomingMessage
from bot.core.refused import Refused
from bot.desk.desk import Desk
from bot.desk.supervisor import Supervisor
from bot.releases import ReleaseFolder
from bot.settings import Settings
from bot.store import releases, turns
from bot.store.db import Database
from bot.store.migrate import upgrade

CHANNEL = "terminal"
# What the desk says to a command is a topic's answer too, where a topic is about the same.
_TOPICS_OF_COMMANDS = {"help": "chat/capabilities"}


class Asker:
    """Answers texts, each as the first message of a fresh conversation or as the next of one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def ask(self, text: str, *, chat_key: str | None = None) -> dict[str, Any]:
        """One answer as an object; `chat_key` continues a conversation. Keys: see ``frontdesk ask --help``."""
        began = time.perf_counter()
        chat_key = chat_key or secret_id()
        incoming = IncomingMessage(channel=CHANNEL, chat_key=chat_key, external_id=secret_id(), text=text)
        received = await self.desk.receive(incoming)
        await self.desk.turns.drain()
        spent = (time.perf_counter() - began) * 1000
        shown = await self.desk.transcript(received.conversation_id, received.seq)
        turn = await self.desk.db.read(lambda tx: turns.of_message(tx, received.message_id))
        view = await self.desk.conversation(chat_key)
        notices = [one for one in shown if one.author is Author.NOTICE]
        outcome = _outcome(turn, received.emergency is not None, view.owner.value if view else "")
        said = [one.text for one in shown]
        return {
            "text": text,
            "language": view.language if view else None,
            "outcome": outcome,
            "topic": turn["topic"] if turn else self._topic(text, received),
            "confidence": turn["confidence"] if turn else None,
            "choices": turn["choices"] if turn and turn["choices"] else [],
            "notice": bool(turn and (received.emergency or turn["notice"]) and outcome != "emergency")
            and bool(notices),
            "reply": "\n\n".join(said),
            "buttons": [button.title for one in shown for button in one.buttons],
            "ms": round(spent, 1),
        }

    def _topic(self, text: str, received: Any) -> str | None:
        """The topic of a message that no engine was asked about."""
        if received.emergency_kind:
            return f"emergency/{received.emergency_kind}"
        command = self.desk.parts.commands.find(text)
        return _TOPICS_OF_COMMANDS.get(command.name) if command else None


def _outcome(turn: Any, is_emergency: bool, owner: str) -> str:
    """The outcome of a message: the engine's, or the desk's own where no engine was asked."""
    if turn:
        return str(turn["outcome"])
    if owner == "waiting":
        return "handoff"
    return "emergency" if is_emergency else "smalltalk"


@asynccontextmanager
async def asker(settings: Settings, *, release: str | None = None) -> AsyncIterator[Asker]:
    """An engine with the live release (or `release`) and a desk on a temporary store. Raises Refused without one."""
    live = release or await live_release(settings)
    path = ReleaseFolder(settings.var / "releases").path(live)
    with tempfile.TemporaryDirectory(prefix="frontdesk-ask-") as scratch:
        # One question after another from one place is not a flood, and what is thrown away need not last.
        changes = {
            "database_url": f"sqlite+aiosqlite:///{scratch}/ask.sqlite3",
            "burst_messages": 1_000_000,
            "notice_milliseconds": 10_000,  # nobody waits for a notice in a terminal
            "engines": 1,
        }
        own = settings.model_copy(update=changes)
        await upgrade(own.database)
        supervisor = Supervisor(own)
        desk = build_desk(own, supervisor)
        desk.spool.path = Path(scratch) / "spool.jsonl"
        server = await start_action_server(supervisor.action_socket, same_token(supervisor.token), desk.open_turns)
        try:
            await supervisor.start(path)
            if not await supervisor.wait_ready(own.engine_start_seconds):
                raise Refused("The engine did not get ready. Run: frontdesk doctor")
            yield Asker(desk)
        finally:
            await asyncio.gather(supervisor.stop(), server.cleanup())
            await desk.db.close()


async def live_release(settings: Settings) -> str:
    """The live release's id. Raises Refused where there is none."""
    await upgrade(settings.database)
    db = Database(settings.database)
    try:
        live = await db.read(releases.live)
    finally:
        await db.close()
    if live is None or not ReleaseFolder(settings.var / "releases").is_usable(live["id"]):
        raise Refused("There is no release that this version can use. Run: frontdesk train")
    return str(live["id"])


async def ask_all(
    settings: Settings, texts: Sequence[str], *, release: str | None = None
) -> AsyncIterator[dict[str, Any]]:
    """An answer for each text, in order, each as the first message of a fresh conversation."""
    async with asker(settings, release=release) as one:
        for text in texts:
            yield await one.ask(text)
