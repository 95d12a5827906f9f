"""The desk: what channels, pages and the command line talk to."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.department import Department
from bot.core.emergency import EmergencyGate
from bot.core.handoff import HandoffStatus
from bot.core.message import IncomingMessage, Shown
from bot.core.refused import Refused, Unavailable
from bot.desk import read
from bot.desk.answers import Answers
from bot.desk.attempts import Attempts, Engines
from bot.desk.effects import OpenTurns
from bot.desk.handoffs import Handoffs
from bot.desk.inbox import Inbox
from bot.desk.outbox import Channel, Outbox
from bot.desk.parts import Clock, Parts
from bot.desk.spool import Spool
from bot.desk.turns import Turns
from bot.desk.views import ConversationView, Received, StaffView, WaitingView
from bot.desk.watch import QUEUE, Watch
from bot.desk.words import Words
from bot.settings import Settings
from bot.store import conversations
from bot.store.db import Database

log = structlog.get_logger()
TYPING_SECONDS = 6.0
Topics = Callable[[str | None], Mapping[str, Any]]


class Desk:
    """Inbox, turns, outboxes and the staff side, around one database. Nothing runs before `start`."""

    def __init__(
        self,
        parts: Parts,
        engines: Engines,
        gate: EmergencyGate,
        *,
        topics_of: Topics = lambda release: {},
        spool: Path | None = None,
    ) -> None:
        self.parts, self.engines, self.topics_of = parts, engines, topics_of
        self.open_turns = OpenTurns()
        self.spool = Spool(spool or parts.settings.var / "spool.jsonl")
        self.turns = Turns(parts, Attempts(parts, engines, self.open_turns, Answers(parts.words, topics_of)))
        self.inbox = Inbox(parts, gate, self.spool, turns=self.turns, say_directly=self._say_directly)
        self.handoffs = Handoffs(parts)
        self.outboxes: dict[str, Outbox] = {}
        self._direct: dict[str, Callable[[IncomingMessage, str], Awaitable[None]]] = {}
        self._signs: dict[str, Callable[[str], Awaitable[None]]] = {}
        self._typing: dict[str, tuple[str, float]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def settings(self) -> Settings:
        return self.parts.settings

    @property
    def department(self) -> Department:
        return self.parts.words.department

    @property
    def words(self) -> Words:
        return self.parts.words

    @property
    def clock(self) -> Clock:
        return self.parts.clock

    @property
    def db(self) -> Database:
        return self.parts.db

    def add_channel(self, channel: Channel, *, direct: Callable[[IncomingMessage, str], Awaitable[None]]) -> None:
        """Deliver replies through `channel`; `direct` says a text to a message's sender without the database."""
        self.parts.pushed.add(channel.name)
        self.outboxes[channel.name] = Outbox(self.parts, channel)
        self._direct[channel.name] = direct
        self._signs[channel.name] = channel.typing
        self.turns.show_typing = self._show_typing

    async def start(self, *, only_desk: bool = True) -> None:
        """Begin to work. `only_desk`: nobody else uses this database, so what a killed desk held is free at once."""
        if only_desk:
            await self.db.write(conversations.release_all_leases)
        for outbox in self.outboxes.values():
            await outbox.recover(only_desk=only_desk)
        self.parts.watches.relay = self._woken
        loops = [self.turns.run(), self._read_spool_in(), *(outbox.run() for outbox in self.outboxes.values())]
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self, seconds: float = 8.0) -> None:
        """End within `seconds`: turns under way are committed or left for the next start, nothing is lost."""
        await asyncio.gather(self.turns.stop(seconds), *(outbox.stop(seconds) for outbox in self.outboxes.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def receive(self, incoming: IncomingMessage) -> Received:
        """Store a message and only then say yes. Raises Refused (too_long, conflict) and Unavailable."""
        received = await self.inbox.receive(incoming)
        if not received.duplicate:
            self.parts.watches.publish(received.conversation_id, "messages")
            if received.emergency:
                self.parts.watches.publish(QUEUE, "queue")
        return received

    async def conversation(self, chat_key: str) -> ConversationView | None:
        """The conversation of `chat_key`; who answers it and, while it waits, its place in line."""

        return await self.db.read(lambda tx: read.conversation(tx, chat_key))

    async def transcript(self, conversation_id: str, after: int = 0) -> list[Shown]:
        """What a resident's screen shows, in order, after place `after`."""
        return await self.db.read(lambda tx: read.transcript(tx, conversation_id, after))

    async def news(self, chat_key: str, after: int) -> tuple[ConversationView, list[Shown]] | None:
        """The conversation of `chat_key` and what its screen shows after place `after`, read at one moment."""

        async def work(tx: AsyncConnection) -> tuple[ConversationView, list[Shown]] | None:
            view = await read.conversation(tx, chat_key)
            return None if view is None else (view, await read.transcript(tx, view.id, after))

        return await self.db.read(work)

    async def choose_language(self, conversation_id: str, language: str) -> None:
        """The resident's choice wins over what the words look like. Raises Refused for a language not spoken here."""
        if language not in self.department.languages:
            raise Refused("This language is not available here.", code="language")
        await self.db.write(
            lambda tx: conversations.change(tx, conversation_id, language=language, language_chosen=True)
        )

    def watch(self, conversation_id: str) -> Watch:
        return self.parts.watches.watch(conversation_id)

    def watch_queue(self) -> Watch:
        return self.parts.watches.watch(QUEUE)

    async def resident_typing(self, conversation_id: str) -> None:
        """Staff watching the conversation see that the resident is writing."""
        self._typing[f"resident:{conversation_id}"] = ("resident", time.monotonic())
        self.parts.watches.publish(conversation_id, "typing")

    def is_resident_typing(self, conversation_id: str) -> bool:
        return self._typed(f"resident:{conversation_id}") is not None

    def typing(self, conversation_id: str) -> str | None:
        """Who is writing to the resident now: "assistant", a staff member's name, or nobody."""
        return self._typed(conversation_id) or ("assistant" if self.turns.is_working_on(conversation_id) else None)

    async def queue(self) -> list[WaitingView]:
        return await self.handoffs.queue()

    async def claim(self, handoff_id: str, staff: StaffView) -> None:
        await self.handoffs.claim(handoff_id, staff)

    async def take(self, conversation_id: str, staff: StaffView) -> None:
        await self.handoffs.take(conversation_id, staff)

    async def staff_reply(self, conversation_id: str, staff: StaffView, text: str, client_id: str) -> Shown:
        self._typing.pop(conversation_id, None)
        return await self.handoffs.reply(conversation_id, staff, text, client_id)

    async def staff_typing(self, conversation_id: str, staff: StaffView) -> None:
        self._typing[conversation_id] = (staff.name, time.monotonic())
        self.parts.watches.publish(conversation_id, "typing")
        if self._signs and (row := await self.db.read(lambda tx: conversations.by_id(tx, conversation_id))):
            await self._show_typing(row)

    async def resolve(self, handoff_id: str, staff: StaffView) -> None:
        await self.handoffs.end(handoff_id, staff, status=HandoffStatus.RESOLVED)

    async def hand_back(self, handoff_id: str, staff: StaffView) -> None:
        await self.handoffs.end(handoff_id, staff, status=HandoffStatus.RETURNED)

    async def release(self, handoff_id: str, staff: StaffView) -> None:
        """Put a conversation back into the queue whose staff member is gone."""
        await self.handoffs.release(handoff_id, staff)

    async def staff_transcript(self, conversation_id: str) -> list[Shown]:
        return await self.handoffs.transcript(conversation_id)

    async def _show_typing(self, conversation: RowMapping) -> None:
        """A channel of somebody else's shows the sign itself. One that gets lost is no harm."""
        sign = self._signs.get(conversation["channel"])
        if sign and conversation["chat_ref"]:
            with contextlib.suppress(Unavailable):
                await sign(self.parts.cipher.decrypt(conversation["chat_ref"]))

    def _typed(self, key: str) -> str | None:
        name, at = self._typing.get(key, (None, 0.0))
        if name and time.monotonic() - at < TYPING_SECONDS:
            return name
        self._typing.pop(key, None)
        return None

    def _woken(self, key: str, kind: str) -> None:
        """Whatever was committed may be work for the turns or for an outbox."""
        if kind != "typing":
            # A turn under way looks for the next message itself when it ends.
            if not self.turns.is_working_on(key):
                self.turns.wake()
            for outbox in self.outboxes.values():
                outbox.wake()

    async def _say_directly(self, message: IncomingMessage, text: str) -> None:
        if direct := self._direct.get(message.channel):
            with contextlib.suppress(Exception):
                await direct(message, text)

    async def _read_spool_in(self) -> None:
        """Emergencies that were answered while the database was away become rows as soon as it is back."""
        while True:
            await asyncio.sleep(1.0)
            waiting = self.spool.take()
            try:
                for message in waiting:
                    await self._store_spooled(message)
                if waiting:
                    self.spool.clear()
            except Unavailable:
                continue

    async def _store_spooled(self, message: IncomingMessage) -> None:
        try:
            with contextlib.suppress(Refused):
                await self.receive(message)
        except Unavailable:
            raise
        except Exception:
            # The resident has the notice; one line that cannot be stored must not hold up the emergencies after it.
            log.exception("spool.failed", channel=message.channel)
