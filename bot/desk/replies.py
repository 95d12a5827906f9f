"""Storing what is said: the reply's row, its buttons with opaque ids, and its delivery where the channel pushes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import uuid7
from bot.core.message import Author, Button, Reply, Shown
from bot.store import buttons, messages


async def say(
    tx: AsyncConnection,
    conversation: RowMapping,
    replies: Sequence[Reply],
    *,
    pushed: Collection[str],
    now: datetime,
    answers: str | None = None,
    release: str | None = None,
) -> None:
    """Store `replies` in order. `pushed` names the channels that deliver; on the others the resident fetches."""
    for reply in replies:
        draft_id = uuid7(now)
        stored = await buttons.add(tx, conversation["id"], draft_id, reply.buttons)
        await messages.add_outgoing(
            tx,
            conversation["id"],
            channel=conversation["channel"],
            pushed=conversation["channel"] in pushed,
            now=now,
            id=draft_id,
            author=reply.author.value,
            body=reply.text,
            staff_id=reply.staff_id,
            staff_name=reply.staff_name,
            divider=reply.divider,
            payload={"buttons": stored} if stored else None,
            answers=answers,
            release=release,
        )


def shown(row: RowMapping) -> Shown:
    """A message's row as a screen shows it."""
    payload = row["payload"] or {}
    client_id = row["external_id"].rsplit(":", 1)[-1] if row["direction"] == "in" and row["external_id"] else None
    return Shown(
        id=row["id"],
        seq=row["ord"],
        author=Author(row["author"]),
        text=row["body"],
        at=row["at"].isoformat(),
        staff_name=row["staff_name"],
        divider=row["divider"],
        client_id=client_id,
        emergency=row["emergency"],
        buttons=tuple(Button(title=one["title"], id=one["id"]) for one in payload.get("buttons", ())),
        delivery=row.get("delivery"),
    )
