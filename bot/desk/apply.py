"""Committing a turn: one short transaction in which everything it decided happens, or nothing does."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.effects import Effect, HandoffRequested, MessageLeft
from bot.core.handoff import Handoff, HandoffStatus, cancel
from bot.core.message import Author, Owner, Reply
from bot.core.text import one_line
from bot.desk.outcome import Outcome, TurnRecord
from bot.desk.parts import Parts
from bot.desk.replies import say
from bot.store import conversations, handoffs, left_messages, messages, purge, turns

URGENT_FOR = timedelta(hours=24)
"""How long words of danger make a request for a person urgent."""


class Overtaken(Exception):
    """The conversation was given to another desk or to a person while the turn was under way: nothing is written."""


async def commit(
    tx: AsyncConnection, parts: Parts, seen: RowMapping, message: RowMapping, lease: str, outcome: Outcome
) -> None:
    """Apply `outcome` to the conversation `seen` before the turn. Raises Overtaken when it is not as it was."""
    conversation = await conversations.holds_lease(tx, seen["id"], lease)
    if conversation is None or (outcome.needs_assistant and conversation["version"] != seen["version"]):
        raise Overtaken
    now = parts.clock()
    if outcome.purge:
        await purge.conversation_texts(tx, seen["id"], parts.words.say("deleted_text", seen["language"]))
    if outcome.cancel_handoff:
        await _cancel_handoff(tx, conversation, now)
    # Whoever held the lease since has not changed the state, and the version says that no person did.
    changes = _changes(seen, outcome, now)
    if changes:
        await conversations.change(tx, seen["id"], **changes)
    spoken = {**conversation, **changes}
    replies = list(outcome.replies)
    for effect in outcome.effects:
        replies += await _apply(tx, parts, spoken, message, effect, now)
    if outcome.record:
        await _record(tx, conversation, message, outcome.record, now)
    release = outcome.record.release if outcome.record else None
    await say(tx, spoken, replies, pushed=parts.pushed, now=now, answers=message["id"], release=release)  # type: ignore[arg-type]
    await messages.set_state(tx, message["id"], outcome.state)
    await conversations.release_lease(tx, seen["id"], lease)


def _changes(conversation: RowMapping, outcome: Outcome, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if outcome.fresh:
        changes = {"state": None, "state_turns": 0, "form": None}
    if outcome.language:
        changes["language"] = outcome.language
    if outcome.language_chosen is not None:
        changes["language_chosen"] = outcome.language_chosen
    if outcome.draft is not None:
        changes["draft"] = outcome.draft
    if (record := outcome.record) and record.events:
        before = [] if record.started_fresh else list(conversation["state"] or [])
        changes |= {
            "state": before + record.events,
            "state_release": record.release,
            "state_at": now,
            "form": record.form,
            "state_turns": (0 if record.started_fresh else conversation["state_turns"]) + 1,
        }
    return changes


async def _record(
    tx: AsyncConnection, conversation: RowMapping, message: RowMapping, record: TurnRecord, now: datetime
) -> None:
    await turns.add(
        tx,
        message_id=message["id"],
        conversation_id=conversation["id"],
        now=now,
        release=record.release,
        started_fresh=record.started_fresh,
        events=record.events,
        outcome=record.outcome,
        topic=record.topic,
        confidence=record.confidence,
        engine_ms=record.engine_ms,
        choices=list(record.choices),
        notice=record.notice,
    )


async def _apply(
    tx: AsyncConnection, parts: Parts, conversation: Any, message: RowMapping, effect: Effect, now: datetime
) -> list[Reply]:
    if isinstance(effect, MessageLeft):
        await left_messages.add(tx, conversation["id"], effect, now)
        return []
    return await request_handoff(tx, parts, conversation, effect, urgent=message["emergency"] is not None, now=now)


async def request_handoff(
    tx: AsyncConnection, parts: Parts, conversation: Any, effect: HandoffRequested, *, urgent: bool, now: datetime
) -> list[Reply]:
    """Put the conversation in the queue; what the resident is told depends on the unit's hours and on the line."""
    unit = effect.unit or next(iter(parts.words.department.units))
    summary = effect.summary or await _summary(tx, conversation["id"])
    urgent = urgent or await messages.emergency_since(tx, conversation["id"], now - URGENT_FOR)
    waiting, is_new = await handoffs.request(
        tx,
        conversation["id"],
        reason=effect.reason,
        topic=effect.topic,
        unit=unit,
        summary=summary,
        urgent=urgent,
        now=now,
    )
    if is_new:
        await conversations.set_owner(tx, conversation["id"], Owner.WAITING)
    text = await _handoff_text(tx, parts, conversation["language"], waiting, is_new=is_new, now=now)
    return [Reply(text, author=Author.NOTICE, divider=is_new)]


async def _handoff_text(
    tx: AsyncConnection, parts: Parts, language: str, waiting: Handoff, *, is_new: bool, now: datetime
) -> str:
    words, unit = parts.words, waiting.unit or ""
    position = str(await handoffs.position(tx, waiting))
    if not is_new:
        return words.say("handoff_already", language, position=position)
    if words.department.is_open(unit, now):
        return words.say("handoff_open", language, unit=words.unit(unit, language), position=position)
    opening = words.department.next_opening(unit, now)
    when = words.day_and_time(opening, language) if opening else words.say("hours_none", language)
    return words.say("handoff_closed", language, unit=words.unit(unit, language), when=when)


async def _summary(tx: AsyncConnection, conversation_id: str) -> str:
    """The last things the resident wrote, oldest first: staff see at a glance what it is about."""
    rows = await messages.last_incoming(tx, conversation_id)
    return one_line(" / ".join(row["body"] for row in reversed(rows) if row["body"]), 300)


async def _cancel_handoff(tx: AsyncConnection, conversation: RowMapping, now: datetime) -> None:
    waiting = await handoffs.open_of(tx, conversation["id"])
    if waiting is not None:
        expected: HandoffStatus = waiting.status
        await handoffs.save(tx, cancel(waiting, now=now), expected=expected)
    await conversations.set_owner(tx, conversation["id"], Owner.ASSISTANT)
