"""Topics in the database, the truth once they are imported; every revision is kept with who and when."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.topic import Topic
from bot.store.tables import topic, topic_revision


def to_document(one: Topic) -> dict[str, Any]:
    return {
        **asdict(one),
        "reviewed_on": one.reviewed_on.isoformat(),
        "buttons": list(one.buttons),
        "examples": {language: list(texts) for language, texts in one.examples.items()},
    }


def from_document(document: dict[str, Any]) -> Topic:
    return Topic(
        **{
            **document,
            "reviewed_on": date.fromisoformat(document["reviewed_on"]),
            "buttons": tuple(document["buttons"]),
            "examples": {language: tuple(texts) for language, texts in document["examples"].items()},
        }
    )


async def count(tx: AsyncConnection) -> int:
    return int((await tx.execute(select(func.count()).select_from(topic))).scalar_one())


async def list_all(tx: AsyncConnection) -> list[Topic]:
    """Every topic, in the order of the files they came from."""
    rows = await tx.execute(select(topic.c.document).order_by(topic.c.position))
    return [from_document(document) for document in rows.scalars()]


async def save_all(tx: AsyncConnection, topics: Sequence[Topic], *, by: str, now: datetime) -> int:
    """Make `topics` the department's topics; returns how many changed. What is gone is removed, its history stays."""
    old = {row.id: row for row in (await tx.execute(select(topic))).all()}
    changed = 0
    for place, one in enumerate(topics):
        document, before = to_document(one), old.pop(one.id, None)
        if before is not None and before.document == document and before.position == place:
            continue
        changed += before is None or before.document != document
        await _put(tx, one.id, place, document, (before.revision if before else 0) + 1, by=by, now=now)
    for gone in old:
        await tx.execute(topic.delete().where(topic.c.id == gone))
        changed += 1
    return changed


async def _put(
    tx: AsyncConnection, topic_id: str, place: int, document: dict[str, Any], revision: int, *, by: str, now: datetime
) -> None:
    last = (
        await tx.execute(select(func.max(topic_revision.c.revision)).where(topic_revision.c.topic_id == topic_id))
    ).scalar()
    revision = max(revision, (last or 0) + 1)
    await tx.execute(topic.delete().where(topic.c.id == topic_id))
    await tx.execute(
        topic.insert().values(id=topic_id, position=place, document=document, revision=revision, at=now, by=by)
    )
    await tx.execute(
        topic_revision.insert().values(topic_id=topic_id, revision=revision, document=document, at=now, by=by)
    )
