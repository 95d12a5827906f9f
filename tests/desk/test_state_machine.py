"""Any order of messages, repetitions, crashes, failures and deliveries: P1 to P4 hold (docs/faults.md).

Hypothesis draws the order. A crash is what kill -9 is to the database: the work under way stops before its commit, or
after it and before anybody was told; the desk is thrown away and a new one begins on the same database.
"""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.message import Delivery, DeliveryState, IncomingMessage, OutgoingMessage
from bot.core.refused import Refused
from bot.department_files import read_commands, read_department, read_gate, read_words
from bot.desk.desk import Desk
from bot.desk.engine import EngineFailed
from bot.desk.parts import Parts
from bot.settings import Settings
from bot.store.cipher import Cipher
from bot.store.db import Database
from bot.store.migrate import upgrade
from tests.conftest import ROOT, TestClock
from tests.faults.account import Rows, count
from tests.scripted_engine import ScriptedEngine, echo

PEOPLE = st.integers(1, 3)
MOMENTS = st.sampled_from(["before_commit", "after_commit"])
DEPARTMENT = read_department(ROOT)
SHARED = (read_words(ROOT, DEPARTMENT), read_commands(ROOT), read_gate(ROOT))


class Crash(BaseException):
    """The process ends here."""


class CrashingDatabase(Database):
    """`crash_at` names the moment of the next write at which the process ends."""

    crash_at: str | None = None

    async def write(self, work: Any, **more: Any) -> Any:
        moment, self.crash_at = self.crash_at, None

        async def crashing(tx: Any) -> Any:
            result = await work(tx)
            if moment == "before_commit":
                raise Crash
            return result

        result = await super().write(crashing, **more)
        if moment == "after_commit":
            raise Crash
        return result


class Telegram:
    """Takes replies; `next` says how the next send goes: taken, lost (taken, its answer lost), later or crash."""

    name = "telegram"

    def __init__(self) -> None:
        self.chats: dict[str, list[str]] = {}
        self.next = "taken"

    async def send(self, message: OutgoingMessage) -> Delivery:
        way, self.next = self.next, "taken"
        if way == "later":
            return Delivery(DeliveryState.WAITING, retry_after=2.0, error="too_many_requests")
        self.chats.setdefault(message.chat_ref, []).append(message.text)
        if way == "crash":
            raise Crash
        if way == "lost":
            return Delivery(DeliveryState.UNKNOWN, error="answer_lost")
        return Delivery(DeliveryState.SENT, provider_id="1")

    async def typing(self, _chat_ref: str) -> None:
        return None

    async def say_directly(self, _incoming: IncomingMessage, _text: str) -> None:
        return None


class FrontDesk(RuleBasedStateMachine):
    """`written`: the numbers each person sent and was told are stored."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="fd-"))
        self.written: dict[int, list[int]] = {person: [] for person in (1, 2, 3)}
        self.sent: dict[int, int] = dict.fromkeys((1, 2, 3), 0)
        self.clock, self.telegram, self.engine = TestClock(), Telegram(), ScriptedEngine(self.answer)
        self.failures: list[Exception] = []
        self.ambiguous = 0

    def answer(self, request: Any) -> Any:
        return self.failures.pop() if self.failures else echo(request)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        shutil.copy(empty_database(), self.folder / "desk.sqlite3")
        self.run(self.begin())

    async def begin(self) -> None:
        """A desk as after a start; its loops are the rules."""
        url = f"sqlite+aiosqlite:///{self.folder}/desk.sqlite3"
        made = Settings(root=ROOT, var=self.folder, database_url=url, secret_key="k", burst_messages=10_000)  # type: ignore[arg-type]
        words, commands, gate = SHARED
        self.db = CrashingDatabase(url)
        self.desk = Desk(Parts(made, self.db, words, commands, Cipher(b"k"), self.clock), self.engine, gate)
        self.desk.add_channel(self.telegram, direct=self.telegram.say_directly)
        await self.desk.start()
        for task in self.desk._tasks:
            task.cancel()
        await asyncio.gather(*self.desk._tasks, return_exceptions=True)
        self.outbox = self.desk.outboxes["telegram"]
        self.ambiguous += self.outbox.ambiguous

    async def die(self) -> None:
        """Nothing of the desk is left but its database."""
        for task in [*self.desk.turns._working.values(), *self.outbox._sending]:
            task.cancel()
        await asyncio.gather(*self.desk.turns._working.values(), *self.outbox._sending, return_exceptions=True)
        await self.db.close()
        await self.begin()

    async def crashes(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Run `work`; True when the desk died of it and is back."""
        try:
            await work
        except Crash:
            await self.die()
            return True
        self.db.crash_at = None
        return False

    async def work(self) -> None:
        """One message's turn. A crash in the turn's own task ends the desk too."""
        await self.desk.turns._take_one()
        for task in list(self.desk.turns._working.values()):
            await task

    async def deliver(self) -> None:
        await self.outbox._take()
        for task in list(self.outbox._sending):
            await task

    def message(self, person: int, number: int, text: str | None = None) -> IncomingMessage:
        body = text or f"#{person}-{number} question"
        return IncomingMessage("telegram", f"chat-{person}", f"bot:{person * 1000 + number}", text=body,
                               chat_ref=str(person), sequence=person * 1000 + number)  # fmt: skip

    @rule(person=PEOPLE)
    def receive(self, person: int) -> None:
        self.sent[person] += 1
        received = self.run(self.desk.receive(self.message(person, self.sent[person])))
        assert not received.duplicate
        self.written[person].append(self.sent[person])

    @rule(person=PEOPLE, moment=MOMENTS)
    def crash_while_receiving(self, person: int, moment: str) -> None:
        """Nobody is told, so the channel sends it again."""
        self.sent[person] += 1
        again, self.db.crash_at = self.message(person, self.sent[person]), moment
        assert self.run(self.crashes(self.desk.receive(again)))
        assert self.run(self.desk.receive(again)).duplicate is (moment == "after_commit")
        self.written[person].append(self.sent[person])

    @precondition(lambda self: any(self.written.values()))
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        person, number = data.draw(st.sampled_from([(p, n) for p, many in self.written.items() for n in many]))
        assert self.run(self.desk.receive(self.message(person, number))).duplicate

    @precondition(lambda self: any(self.written.values()))
    @rule(data=st.data())
    def the_same_id_with_other_words(self, data: st.DataObject) -> None:
        person, number = data.draw(st.sampled_from([(p, n) for p, many in self.written.items() for n in many]))
        with pytest.raises(Refused):
            self.run(self.desk.receive(self.message(person, number, "something else")))

    @rule()
    def answer_one(self) -> None:
        self.run(self.work())

    @rule(code=st.sampled_from(["failed", "garbage", "timeout", "not_ready", "state_incompatible"]))
    def the_engine_fails_once(self, code: str) -> None:
        self.failures = [EngineFailed(code)]
        self.run(self.work())

    @rule(moment=MOMENTS, skip=st.integers(0, 1))
    def crash_in_a_turn(self, moment: str, skip: int) -> None:
        """While the conversation is leased (0), or while the turn commits (1)."""

        async def dying() -> None:
            if skip:
                await self.desk.turns._take_one()
            self.db.crash_at = moment
            await self.work()

        self.run(self.crashes(dying()))

    @rule(way=st.sampled_from(["taken", "taken", "lost", "later"]))
    def deliver_some(self, way: str) -> None:
        self.telegram.next = way
        self.run(self.deliver())
        self.telegram.next = "taken"

    @rule(moment=MOMENTS)
    def crash_in_a_delivery(self, moment: str) -> None:
        """After Telegram took it and before that is noted; or after it is noted."""

        async def dying() -> None:
            await self.outbox._take()
            self.db.crash_at = moment
            for task in list(self.outbox._sending):
                await task

        self.run(self.crashes(dying()))

    @rule(seconds=st.sampled_from([1, 10, 120, 3600]))
    def time_goes_by(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)

    @invariant()
    def nothing_is_twice_or_out_of_order(self) -> None:
        if not hasattr(self, "desk"):
            return
        rows = self.run(Rows.read(self.db))
        stored = [key for key, _ in rows.stored]
        assert len(stored) == len(set(stored))
        assert {(person, n) for person, many in self.written.items() for n in many} <= set(stored)
        for person in self.written:
            answered = [number for one, number in rows.said if one == person]
            assert answered == sorted(set(answered))
            chat = [text for text in self.telegram.chats.get(str(person), []) if text.startswith("answer to")]
            assert chat == sorted(chat, key=lambda text: int(text.split("-")[1].split()[0]))

    def teardown(self) -> None:
        """Everything heals: whatever was stored is answered once and reaches the resident."""
        try:
            if hasattr(self, "desk"):
                self.run(self.heal())
        finally:
            self.run(self.db.close()) if hasattr(self, "db") else None
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    async def heal(self) -> None:
        self.failures.clear()
        await self.die()
        for _ in range(500):
            self.clock.forward(seconds=3)
            await self.desk.turns.drain()
            await self.deliver()
            if not await count(self.db, "delivery", "state IN ('waiting', 'sending')"):
                break
        rows = await Rows.read(self.db)
        # One that was on its way in three crashes or failures goes to a person, and so does what follows it.
        assert all(state in {"answered", "staff"} for _, state in rows.stored), rows.stored
        assert sorted(rows.said) == sorted(key for key, state in rows.stored if state == "answered")
        handed = {person for (person, _), state in rows.stored if state == "staff"}
        assert await count(self.db, "handoff", "reason = 'engine_failed'") == len(handed)
        said = [text for chat in self.telegram.chats.values() for text in chat]
        assert len(rows.said) <= sum(text.startswith("answer to") for text in said)
        assert len(said) - await count(self.db, "delivery") <= self.ambiguous


_empty: list[Path] = []


def empty_database() -> Path:
    """A database with all tables and nothing in it, made once."""
    if not _empty:
        file = Path(tempfile.mkdtemp(prefix="fd-")) / "empty.sqlite3"
        atexit.register(shutil.rmtree, file.parent, ignore_errors=True)
        asyncio.run(upgrade(f"sqlite+aiosqlite:///{file}"))
        _empty.append(file)
    return _empty[0]


pytestmark = pytest.mark.timeout(300)
TestFrontDesk = FrontDesk.TestCase
TestFrontDesk.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
