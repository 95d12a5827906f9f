"""Turns: each conversation's oldest unanswered message, one at a time; conversations beside each other."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.commands import Command
from bot.core.ids import secret_id
from bot.core.message import Kind, Owner, Reply
from bot.core.refused import Unavailable
from bot.core.routing import Arrived, Route, route
from bot.core.text import is_empty
from bot.desk.apply import Overtaken, commit
from bot.desk.attempts import Attempts
from bot.desk.commands import obey
from bot.desk.outcome import Outcome
from bot.desk.parts import Parts
from bot.desk.replies import say
from bot.desk.watch import QUEUE
from bot.store import conversations, left_messages, messages

log = structlog.get_logger()
SLOW_SECONDS = 0.7


async def _nobody(_conversation: RowMapping) -> None:
    """The channel shows who is typing by itself."""


class Turns:
    """Works on waiting messages until it is stopped. `wake` says that there may be something new."""

    def __init__(self, parts: Parts, attempts: Attempts) -> None:
        self.parts, self.attempts = parts, attempts
        self.waiting, self.oldest_seconds = 0, 0.0
        self._next_look = 0.0
        self.show_typing: Callable[[RowMapping], Awaitable[None]] = _nobody
        self._wake = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._leases: dict[str, str] = {}
        self._is_running, self._stopping = False, False
        self._taking = asyncio.Lock()

    def wake(self) -> None:
        self._wake.set()

    def is_working_on(self, conversation_id: str) -> bool:
        return conversation_id in self._working

    def may_begin(self, conversation_id: str) -> bool:
        """True when a turn of this conversation may begin at once, without looking for what waits longest."""
        is_running = self._is_running and not self._stopping
        return is_running and conversation_id not in self._working and self._has_room()

    def begin(self, conversation: RowMapping, message: RowMapping, lease: str) -> None:
        """Work on `message`, whose conversation `lease` holds."""
        conversation_id = conversation["id"]
        task = asyncio.create_task(self._work(conversation, message, lease))
        self._working[conversation_id], self._leases[conversation_id] = task, lease
        task.add_done_callback(lambda _: self._done(conversation_id))

    def _has_room(self) -> bool:
        return len(self._working) < self.parts.settings.turns_at_once

    def is_busy(self) -> bool:
        """True when more is waiting, or waits longer, than residents should be left without a word about it."""
        settings = self.parts.settings
        return self.waiting >= settings.waiting_high or self.oldest_seconds >= settings.waiting_age_seconds

    async def run(self) -> None:
        """Take what is due, begin its turn, look again; ends after `stop`."""
        self._is_running = True
        while not self._stopping:
            self._wake.clear()
            try:
                took = await self._take_one()
                await self._look_at_the_queue()
            except Unavailable:
                took = False
                await asyncio.sleep(0.5)
            except Exception:
                # Everybody's messages wait here: a bug met once must not end the loop.
                log.exception("turns.failed")
                took = False
                await asyncio.sleep(0.5)
            if not took:
                await self._rest()

    async def stop(self, seconds: float) -> None:
        """Take nothing more; let turns under way end within `seconds`, and leave the rest to a later start."""
        self._stopping = True
        self.wake()
        async with self._taking:
            pass  # a lease being taken now is known after this
        if self._working:
            await asyncio.wait(list(self._working.values()), timeout=seconds)
        unfinished, leases = list(self._working.values()), dict(self._leases)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self._give_back(leases)

    async def _give_back(self, leases: Mapping[str, str]) -> None:
        """What was not finished is free for another desk at once."""

        async def work(tx: AsyncConnection) -> None:
            for conversation_id, lease in leases.items():
                await conversations.release_lease(tx, conversation_id, lease)

        if leases:
            with contextlib.suppress(Unavailable):
                await self.parts.db.write(work)

    async def drain(self) -> None:
        """Answer everything that is due now; for the terminal and for tests.

        `run` may take beside it, so only a look with nothing under way, and nobody else looking, says that all is done.
        """
        while True:
            async with self._taking:
                was_working = bool(self._working)
                took = await self._take()
            if not took and not was_working:
                return
            await asyncio.gather(*list(self._working.values()), return_exceptions=True)

    async def _take_one(self) -> bool:
        async with self._taking:
            return await self._take()

    async def _take(self) -> bool:
        if not self._has_room():
            return False
        lease, now = secret_id(), self.parts.clock()
        until = now + timedelta(seconds=self.parts.settings.lease_seconds)
        busy = list(self._working)
        if not await self.parts.db.read(lambda tx: messages.any_ready(tx, now, busy)):
            return False
        taken = await self.parts.db.write(
            lambda tx: conversations.lease_next(tx, lease=lease, now=now, until=until, busy=busy)
        )
        if taken is None:
            return False
        self.begin(*taken, lease)
        return True

    def _done(self, conversation_id: str) -> None:
        self._working.pop(conversation_id, None)
        self._leases.pop(conversation_id, None)
        self.parts.watches.publish(conversation_id, "typing")
        self.wake()

    async def _rest(self) -> None:
        """Sleep until woken, at most half a second: held messages and other desks' leases come due by themselves."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await self._wake.wait()

    async def _look_at_the_queue(self) -> None:
        """How much waits, for `is_busy`; counted now and then, not after every turn."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + 0.5
        self.waiting, since = await self.parts.db.read(messages.waiting)
        self.oldest_seconds = (self.parts.clock() - since).total_seconds() if since else 0.0

    async def _work(self, conversation: RowMapping, message: RowMapping, lease: str) -> None:
        self.parts.watches.publish(conversation["id"], "typing")
        sign = asyncio.create_task(self._typing_sign(conversation))
        try:
            outcome = await self._decide(conversation, message)
            await self._commit(conversation, message, lease, outcome)
        except (Unavailable, Overtaken) as error:
            log.warning("turn.not_committed", conversation=conversation["id"], why=type(error).__name__)
            await self._release(conversation, lease)
        except Exception:
            # A bug must not stop the desk: the message is tried again, and goes to staff when it fails for good.
            log.exception("turn.failed", conversation=conversation["id"], message=message["id"])
            await self._release(conversation, lease)
        finally:
            sign.cancel()

    async def _typing_sign(self, conversation: RowMapping) -> None:
        """Where the channel shows it, say that an answer is being written; a quick answer needs no such word."""
        await asyncio.sleep(SLOW_SECONDS)
        await self.show_typing(conversation)

    async def _decide(self, conversation: RowMapping, message: RowMapping) -> Outcome:
        words, language = self.parts.words, conversation["language"]
        command = self._command(message)
        if command and command.name == "start" and (topic := self.attempts.deep_link(command.argument)):
            message, command = {**message, "payload": {"topic": topic}, "kind": Kind.BUTTON.value}, None  # type: ignore[assignment]
        arrived = Arrived(Kind(message["kind"]), is_empty(message["body"]), command, bool(message["certain"]))
        payload = message["payload"] or {}
        if payload.get("gone"):
            return Outcome(replies=[Reply(words.say("button_gone", language))])
        match route(arrived, Owner(conversation["owner"])):
            case Route.STAFF:
                return Outcome(state="staff")
            case Route.NONE:
                # After an emergency nothing is asked on about what was answered before it; what a form holds is kept.
                return Outcome(fresh=bool(message["certain"]) and conversation["form"] is None)
            case Route.EMPTY:
                return Outcome(replies=[Reply(words.say("empty", language))])
            case Route.UNSUPPORTED:
                return Outcome(replies=[Reply(words.say("unsupported", language))])
            case Route.COMMAND:
                assert command is not None
                left = await self.parts.db.read(lambda tx: left_messages.count_open(tx, conversation["id"]))
                return self._obey(conversation, command, left)
            case _:
                if message["attempts"] > self.parts.settings.attempts:
                    return self.attempts.give_up(conversation)
                return await self.attempts.answer(
                    conversation, message, one_moment=lambda: self._one_moment(conversation, message)
                )

    def _obey(self, conversation: RowMapping, command: Command, left_open: int) -> Outcome:
        """The command's outcome, in the language its words are in unless the resident chose another."""
        spoken = command.language if not conversation["language_chosen"] else None
        if spoken is None or spoken not in self.parts.words.department.languages:
            return obey(self.parts, dict(conversation), command, left_open=left_open)
        outcome = obey(self.parts, {**conversation, "language": spoken}, command, left_open=left_open)
        return replace(outcome, language=outcome.language or spoken)

    def _command(self, message: RowMapping) -> Command | None:
        payload = message["payload"] or {}
        if name := payload.get("command"):
            return Command(name, payload.get("argument") or payload.get("value") or "")
        return self.parts.commands.find(message["body"]) if message["kind"] == Kind.TEXT.value else None

    async def _one_moment(self, conversation: RowMapping, message: RowMapping) -> None:
        text = self.parts.words.say("one_moment", conversation["language"])
        now = self.parts.clock()
        await self.parts.db.write(
            lambda tx: say(tx, conversation, [Reply(text)], pushed=self.parts.pushed, now=now, answers=message["id"])
        )
        self.parts.watches.publish(conversation["id"], "messages")

    async def _commit(self, conversation: RowMapping, message: RowMapping, lease: str, outcome: Outcome) -> None:
        await self.parts.db.write(lambda tx: commit(tx, self.parts, conversation, message, lease, outcome))
        self.parts.watches.publish(conversation["id"], "messages")
        if outcome.effects or outcome.cancel_handoff or outcome.state == "staff":
            self.parts.watches.publish(conversation["id"], "owner")
            self.parts.watches.publish(QUEUE, "queue")

    async def _release(self, conversation: RowMapping, lease: str) -> None:
        """Give the conversation back a little later, so that what failed is not tried in a tight loop."""
        later = self.parts.clock() + timedelta(seconds=0.2)
        with contextlib.suppress(Unavailable):
            await self.parts.db.write(lambda tx: conversations.postpone(tx, conversation["id"], lease, later))
