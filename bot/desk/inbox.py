"""Receiving: the emergency gate, then stored, then acknowledged, in that order and before anything else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.emergency import EmergencyGate, EmergencyMatch
from bot.core.ids import secret_id
from bot.core.limits import Buckets
from bot.core.message import Author, IncomingMessage, Kind, Reply
from bot.core.refused import Refused, Unavailable
from bot.core.text import clean
from bot.desk.parts import Parts
from bot.desk.replies import say, shown
from bot.desk.spool import Spool
from bot.desk.turns import Turns
from bot.desk.views import Received
from bot.store import buttons, conversations, messages

# Written and edited words and captions are read for emergencies; pressed buttons are the desk's own words.
GATED = {Kind.TEXT, Kind.EDIT, Kind.UNSUPPORTED}
Taken = tuple[RowMapping, RowMapping, str]
"""A conversation with its state, its message, and the lease under which this desk works on it."""
STATES = {Kind.EDIT: "noted", Kind.IGNORED: "noted"}


class Inbox:
    """Takes messages from channels. `say_directly(message, text)` reaches a resident without the database."""

    def __init__(
        self,
        parts: Parts,
        gate: EmergencyGate,
        spool: Spool,
        *,
        turns: Turns,
        say_directly: Callable[[IncomingMessage, str], Awaitable[None]],
    ) -> None:
        self.parts, self.gate, self.spool, self.turns, self.say_directly = parts, gate, spool, turns, say_directly
        settings = parts.settings
        self._limit = Buckets(burst=settings.burst_messages, per_minute=settings.messages_per_minute)
        self._told = Buckets(burst=1, per_minute=1)

    async def receive(self, incoming: IncomingMessage) -> Received:
        """Store `incoming`; see desk_api in docs/map.md. Raises Refused (too_long, conflict) and Unavailable."""
        text = clean(incoming.text)
        if len(text) > self.parts.settings.message_characters:
            raise Refused("That message is too long. Please shorten it and send it again.", code="too_long")
        match = self.gate.check(text) if incoming.kind in GATED and text else None
        if match is None:
            return await self._stored(incoming, text, None)
        return await self._receive_emergency(incoming, text, match)

    async def _receive_emergency(self, incoming: IncomingMessage, text: str, match: EmergencyMatch) -> Received:
        limit = self.parts.settings.notice_milliseconds / 1000
        try:
            async with asyncio.timeout(limit):
                return await self._stored(incoming, text, match)
        except (TimeoutError, Unavailable) as error:
            notice = self.notice(match, match.language)
            if not self.spool.was_noticed(incoming):
                # Marked first: a write that is only slow commits later, and must not say it a second time.
                self.spool.mark(incoming)
                await asyncio.to_thread(self.spool.append, incoming)
                await self.say_directly(incoming, notice)
            refusal = Unavailable("Your message could not be stored yet. It will be tried again.")
            refusal.emergency = notice
            raise refusal from error

    def notice(self, match: EmergencyMatch, language: str) -> str:
        """The text for an emergency: the kind's own when it is certain, the short notice when in doubt."""
        return self.parts.words.emergency(match.kind.value if match.certain else "notice", language)

    async def _stored(self, incoming: IncomingMessage, text: str, match: EmergencyMatch | None) -> Received:
        """Store it and, where nothing is before it, begin its turn: also when whoever asked has gone meanwhile."""
        received, _ = await self.parts.db.write(
            lambda tx: self._store(tx, incoming, text, match),
            after=lambda stored: self.turns.begin(*stored[1]) if stored[1] else None,
        )
        return received

    async def _store(
        self, tx: AsyncConnection, incoming: IncomingMessage, text: str, match: EmergencyMatch | None
    ) -> tuple[Received, Taken | None]:
        now, settings = self.parts.clock(), self.parts.settings
        language = self.parts.words.known(incoming.language_hint or (match.language if match else None))
        conversation = await conversations.find_or_create(
            tx,
            incoming.chat_key,
            channel=incoming.channel,
            language=language,
            now=now,
            chat_ref=self.parts.cipher.encrypt(incoming.chat_ref) if incoming.chat_ref else None,
        )
        known = await messages.by_external_id(tx, incoming.channel, incoming.external_id)
        if known is not None:
            return _again(known, incoming, text), None
        state, limited = self._state(incoming, match, conversation)
        kind, body, payload = await self._pressed(tx, conversation, incoming, text)
        state = STATES.get(kind, state)
        is_next = state == "waiting" and not incoming.held and self.turns.may_begin(conversation["id"])
        taken, is_taken = await conversations.take_in(
            tx,
            conversation["id"],
            lease=secret_id() if is_next else None,
            now=now,
            until=now + timedelta(seconds=settings.lease_seconds),
            last_at=now,
            **({} if kind is Kind.IGNORED else {"blocked_at": None}),
        )
        row = await messages.add_incoming(
            tx,
            conversation["id"],
            channel=incoming.channel,
            external_id=incoming.external_id,
            place=taken["next_ord"] - 1,
            sequence=incoming.sequence,
            now=now,
            ready_at=now + timedelta(seconds=incoming.held),
            kind=kind.value,
            body=body,
            payload=payload,
            state=state,
            attempts=int(is_taken),
            emergency=match.kind.value if match else None,
            certain=match.certain if match else None,
        )
        if row is None:
            raise Unavailable("This message is being stored already.")
        received = await self._answer_at_once(tx, conversation, row, incoming, match, limited=limited)
        return received, (taken, row, taken["lease"]) if is_taken else None

    async def _answer_at_once(
        self,
        tx: AsyncConnection,
        conversation: RowMapping,
        row: RowMapping,
        incoming: IncomingMessage,
        match: EmergencyMatch | None,
        *,
        limited: bool,
    ) -> Received:
        language, replies = conversation["language"], list[Reply]()
        says_something = match is None and incoming.kind is not Kind.IGNORED and incoming.command != "start"
        if row["ord"] == 1 and incoming.channel in self.parts.pushed and says_something:
            # A page says this itself; on a channel of somebody else's the first answer has to.
            replies.append(Reply(self.parts.words.say("greeting_short", language), author=Author.NOTICE))
        if match is not None:
            # In danger people fall back on their own language; only one they chose by hand is kept.
            spoken = language if conversation["language_chosen"] else self.parts.words.known(match.language)
            replies.append(Reply(self.notice(match, spoken), author=Author.NOTICE))
        elif limited and self._told.take(conversation["id"] + "fast", time.monotonic()):
            replies.append(Reply(self.parts.words.say("too_fast", language), author=Author.NOTICE))
        elif self.turns.is_busy() and self._told.take(conversation["id"] + "busy", time.monotonic()):
            replies.append(Reply(self.parts.words.say("busy", language), author=Author.NOTICE))
        pushed = () if self.spool.was_noticed(incoming) else self.parts.pushed
        await say(tx, conversation, replies, pushed=pushed, now=self.parts.clock(), answers=row["id"])
        said = (await messages.since(tx, conversation["id"], row["ord"]))[-1:] if match else []
        return Received(
            conversation["id"],
            row["id"],
            row["ord"],
            limited=limited,
            emergency=shown(said[0]) if said else None,
            emergency_kind=match.kind.value if match else None,
        )

    def _state(
        self, incoming: IncomingMessage, match: EmergencyMatch | None, conversation: RowMapping
    ) -> tuple[str, bool]:
        within = self._limit.take(incoming.chat_key, time.monotonic())
        # Emergencies pass every limit, and so does the word for a person.
        limited = not within and match is None and incoming.kind in {Kind.TEXT, Kind.BUTTON, Kind.UNSUPPORTED}
        limited = limited and conversation["owner"] == "assistant" and self.parts.commands.find(incoming.text) is None
        return ("limited", True) if limited else ("waiting", False)

    async def _pressed(
        self, tx: AsyncConnection, conversation: RowMapping, incoming: IncomingMessage, text: str
    ) -> tuple[Kind, str, dict[str, str | None] | None]:
        """The kind, transcript text and payload of a message; a button becomes what it stands for."""
        if incoming.kind is Kind.BUTTON:
            return await self._button(tx, conversation, incoming.button or "")
        payload: dict[str, str | None] | None = None
        if incoming.kind is Kind.COMMAND:
            payload = {"command": incoming.command, "argument": clean(incoming.argument)[:200]}
        elif incoming.kind is Kind.UNSUPPORTED:
            payload = {"unsupported": incoming.unsupported}
        return incoming.kind, text, payload

    async def _button(
        self, tx: AsyncConnection, conversation: RowMapping, button_id: str
    ) -> tuple[Kind, str, dict[str, str | None] | None]:
        found = await buttons.find(tx, conversation["id"], button_id)
        if found is None:
            return Kind.BUTTON, "", {"gone": "yes"}
        now = self.parts.clock()
        # A second press of an answer, or a double tap of anything, is one press.
        if found["used_at"] and (
            (found["value"] and not found["command"]) or now - found["used_at"] < timedelta(seconds=5)
        ):
            return Kind.IGNORED, found["title"], None
        await buttons.mark_used(tx, button_id, now)
        return (
            Kind.BUTTON,
            found["title"],
            {"topic": found["topic"], "value": found["value"], "command": found["command"]},
        )


def _again(known: RowMapping, incoming: IncomingMessage, text: str) -> Received:
    """A redelivery is a no-op; the same id with other words is a mistake of the sender's."""
    if incoming.kind is Kind.TEXT and known["kind"] == "text" and known["body"] != text:
        raise Refused("This message id was used before with other words.", code="conflict")
    return Received(known["conversation_id"], known["id"], known["ord"], duplicate=True)
