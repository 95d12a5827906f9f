"""The conversations of a run: each message goes to one side and then to the other, in the same minute."""

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched, cycle, islice
from pathlib import Path
from typing import Any

import httpx

from benchmarks.clients import RestResident, Timed, WidgetResident
from benchmarks.figures import Figures
from benchmarks.stock.project import FORM_TOPIC
from bot.core.topic import Topic
from bot.evaluation.spread import spread

PER_CONVERSATION = 10
ABOUT, CONTACT = "My stolen bike, report from May", "312-555-0134"
OPENING = "what is happening with my case"


def questions(topics: Sequence[Topic], *, skip: int, most: int) -> list[tuple[str, Topic]]:
    """English examples that neither side was trained on, topic after topic, `most` of them; none opens the form."""
    unseen = [[(text, one) for text in one.examples["en"][skip:]] for one in topics if one.id != FORM_TOPIC]
    turns = (rest[number] for number in range(max(map(len, unseen))) for rest in unseen if number < len(rest))
    return list(islice(cycle(turns), most))


class Pair:
    """One resident on each side, saying the same."""

    def __init__(self, ours: str, stock: str, client: httpx.AsyncClient) -> None:
        self._ours, self._stock, self._client = ours, stock, client
        self.messages = 0

    async def ask(self, asked: Sequence[tuple[str, Topic]]) -> dict[str, Any]:
        """Every question, ten to a conversation: {"ours", "stock": [Timed], "right": how often the right topic}."""
        ours: list[Timed] = []
        stock: list[Timed] = []
        for some in batched(asked, PER_CONVERSATION):
            here, there = await self._begun()
            for number, (text, _) in enumerate(some):
                first, second = ((here, ours), (there, stock))[:: 1 if number % 2 else -1]
                self.messages += 1
                for resident, kept in (first, second):
                    kept.append(await resident.say({"text": text}))  # type: ignore[attr-defined]
            await here.end()
        return {"ours": ours, "stock": stock, "right": _right(asked, ours, stock)}

    async def fill_forms(self, times: int) -> dict[str, Any]:
        """The form's two typed answers, `times` times; its opening and ours' last question are not counted."""
        ours: list[Timed] = []
        stock: list[Timed] = []
        for _ in range(times):
            here, there = await self._begun()
            self.messages += 3
            await here.say({"text": OPENING})
            await there.say({"text": OPENING})
            for text in (ABOUT, CONTACT):
                ours.append(await here.say({"text": text}))
                stock.append(await there.say({"text": text}))
            await here.end()
        return {"ours": ours, "stock": stock}

    async def _begun(self) -> tuple[WidgetResident, RestResident]:
        """A conversation on each side; `messages` counts what each side was sent in all, greetings included."""
        here, there = WidgetResident(self._ours, self._client), RestResident(self._stock, self._client)
        self.messages += 1
        await here.begin()
        await there.begin()
        return here, there


def _right(asked: Sequence[tuple[str, Topic]], ours: Sequence[Timed], stock: Sequence[Timed]) -> dict[str, int]:
    """By the answer's first words, up to the first placeholder, which one side fills and the other does not."""

    def count(came: Sequence[Timed]) -> int:
        starts = [topic.answer["en"].partition("[[")[0].split()[:-1][:6] for _, topic in asked]
        return sum(one.reply.split()[: len(start)] == start for one, start in zip(came, starts, strict=True))

    return {"ours": count(ours), "stock": count(stock), "of": len(asked)}


def split(turns: dict[str, Any], database: Path) -> dict[str, Figures]:
    """Ours in parts: `after_accept` from the desk's yes on, `engine` as the desk measured it, `delivery` from the
    reply's row being written (its commit included) to the frame at the client; `desk` is the rest."""
    parts: dict[str, list[float]] = {"total": [], "after_accept": [], "desk": [], "engine": [], "delivery": []}
    recorded = dict(_recorded(database))
    for one in turns["ours"]:
        engine, written = recorded[one.client_id]
        delivery = (one.arrived - written) * 1000
        shares = (one.total, one.total - one.accepted, one.total - engine - delivery, engine, delivery)
        for name, value in zip(parts, shares, strict=True):
            parts[name].append(value)
    return {name: spread(values) for name, values in parts.items()}


def _recorded(database: Path) -> Iterator[tuple[str, tuple[float, float]]]:
    """For each message by its client's id: the engine's milliseconds and the Unix time its reply was written."""
    asked = (
        "SELECT incoming.external_id, turn.engine_ms, MIN(reply.at) FROM message AS incoming "
        "JOIN turn ON turn.message_id = incoming.id JOIN message AS reply ON reply.answers = incoming.id "
        "GROUP BY incoming.id, incoming.external_id, turn.engine_ms"
    )
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for external, engine, at in connection.execute(asked):
            client_id = str(external)[-len(str(uuid.UUID(int=0))) :]
            yield client_id, (float(engine), datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())
