"""Asking the engine: a few attempts within a short time, and what is said when there is no answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import RowMapping

from bot.core.effects import Effect, HandoffRequested
from bot.core.freshness import is_stale
from bot.core.handoff import HandoffReason
from bot.core.ids import secret_id
from bot.core.message import Reply
from bot.desk.answers import Answers
from bot.desk.effects import OpenTurns, TurnContext
from bot.desk.engine import EngineAnswer, EngineFailed
from bot.desk.outcome import Outcome, TurnRecord
from bot.desk.parts import Parts

log = structlog.get_logger()


class Engines(Protocol):
    """The supervisor, or a stand-in."""

    release: str | None

    async def turn(self, request: Mapping[str, Any], *, timeout: float) -> EngineAnswer: ...
    async def wait_ready(self, timeout: float) -> bool: ...


class Attempts:
    """Gets one message answered by an engine, or honestly not."""

    def __init__(self, parts: Parts, engines: Engines, open_turns: OpenTurns, answers: Answers) -> None:
        self.parts, self.engines, self.open_turns, self.answers = parts, engines, open_turns, answers

    async def answer(
        self, conversation: RowMapping, message: RowMapping, *, one_moment: Callable[[], Awaitable[None]]
    ) -> Outcome:
        """The outcome of `message`; `one_moment` is called once when the first answer takes too long."""
        settings, began = self.parts.settings, time.monotonic()
        deadline, told = began + settings.turn_seconds, False
        request, explain = self._request(conversation, message), False
        for number in range(max(1, settings.attempts - message["attempts"] + 1)):
            limit = min(settings.attempt_seconds, deadline - time.monotonic())
            if limit <= 0:
                break
            try:
                if not await self._ready(deadline, began, told, one_moment):
                    break
                return await self._attempt(conversation, message, request, limit, explain=explain)
            except EngineFailed as failure:
                log.warning(
                    "turn.attempt_failed", conversation=conversation["id"], code=failure.code, attempt=number + 1
                )
                if failure.code == "state_incompatible":
                    request, explain = {**request, "state": []}, True
                told = await self._tell(told or time.monotonic() - began < settings.attempt_seconds, one_moment) or told
                await asyncio.sleep(min(0.2 * 2**number, max(0.0, deadline - time.monotonic())))
        return self.give_up(conversation)

    async def _ready(
        self, deadline: float, began: float, told: bool, one_moment: Callable[[], Awaitable[None]]
    ) -> bool:
        """Wait for an engine; after the time of one attempt the resident hears that it takes a moment."""
        first = began + self.parts.settings.attempt_seconds
        if await self.engines.wait_ready(max(0.0, min(first, deadline) - time.monotonic())):
            return True
        await self._tell(told, one_moment)
        return await self.engines.wait_ready(max(0.0, deadline - time.monotonic()))

    async def _tell(self, told: bool, one_moment: Callable[[], Awaitable[None]]) -> bool:
        if not told:
            await one_moment()
        return True

    def deep_link(self, argument: str) -> str | None:
        """The topic that ``t.me/bot?start=group-topic`` means; None where the live release has none such."""
        topic = argument.replace("-", "/", 1)
        return topic if topic in self.answers.topics_of(self.engines.release) else None

    def give_up(self, conversation: RowMapping) -> Outcome:
        """An apology, and the conversation goes to staff: a message that breaks the engine cannot go round for ever."""
        sorry = Reply(self.parts.words.say("apology", conversation["language"]))
        effect = HandoffRequested(reason=HandoffReason.ENGINE_FAILED.value)
        return Outcome(state="staff", replies=[sorry], effects=[effect], needs_assistant=True)

    async def _attempt(
        self, conversation: RowMapping, message: RowMapping, request: Mapping[str, Any], limit: float, *, explain: bool
    ) -> Outcome:
        turn_id = secret_id()
        context = TurnContext(conversation["id"], conversation["channel"], conversation["language"])
        self.open_turns.open(turn_id, context)
        began = time.perf_counter()
        try:
            answer = await self.engines.turn({**request, "turn_id": turn_id}, timeout=limit)
        finally:
            effects = self.open_turns.close(turn_id)
        spent = (time.perf_counter() - began) * 1000
        try:
            return self._outcome(conversation, message, answer, effects, spent, explain=explain)
        except KeyError as missing:
            # department.yml lost a fact that an answer needs: half a sentence is worse than a person.
            log.error("answer.fact_missing", topic=answer.topic, fact=str(missing))
            raise EngineFailed("fact_missing") from missing

    def _outcome(
        self,
        conversation: RowMapping,
        message: RowMapping,
        answer: EngineAnswer,
        effects: list[Effect],
        spent: float,
        *,
        explain: bool,
    ) -> Outcome:
        release, today = self.engines.release, self.parts.clock().date()
        replies = self.answers.replies(
            answer, effects, release=release, today=today, noticed=message["emergency"] is not None
        )
        if explain:
            replies.insert(0, Reply(self.parts.words.say("form_changed", conversation["language"])))
        record = TurnRecord(
            answer.events,
            answer.started_fresh,
            answer.outcome,
            answer.topic,
            answer.confidence,
            release,
            spent,
            answer.form,
            [str(one["topic"]) for one in answer.choices],
            answer.notice,
        )
        return Outcome(
            replies=replies,
            effects=effects,
            record=record,
            needs_assistant=True,
            language=None if conversation["language_chosen"] else self.parts.words.known(answer.language),
        )

    def _request(self, conversation: RowMapping, message: RowMapping) -> dict[str, Any]:
        settings, payload = self.parts.settings, message["payload"] or {}
        stale = is_stale(
            turns=conversation["state_turns"],
            last_at=conversation["state_at"] or conversation["created_at"],
            now=self.parts.clock(),
            form=conversation["form"],
            most_turns=settings.fresh_after_turns,
            idle=timedelta(minutes=settings.fresh_after_minutes),
        )
        said: dict[str, str] = {"text": message["body"]}
        for kind in ("topic", "value"):
            if payload.get(kind) and not payload.get("command"):
                said = {kind: payload[kind]}
        return {
            "state": [] if stale else conversation["state"] or [],
            "carry": {"language": conversation["language"]},
            "message": said,
            "language": conversation["language"],
            "language_chosen": conversation["language_chosen"],
        }
