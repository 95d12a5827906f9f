"""``make bench-turn``: a turn on Frontdesk beside the same turn on stock Rasa, in one run, a message about.

Both hold the same 30 topics with 10 examples each. Ours is the whole road: widget POST, inbox, turn, engine, database,
WebSocket. Stock is ``rasa run`` on Python 3.10 with its default pipeline, policies and in-memory tracker store, asked
over its ``rest`` channel. QUICK=1 does a tenth of it. The result is benchmarks/out/turn.json.
"""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks import figures, processes, rounds
from benchmarks.sample import ROOT, TOPICS, cut, make_release, pick
from benchmarks.stock import project, training
from bot.core.topic import Topic
from bot.desk.parts import utc_now
from bot.evaluation.spread import spread
from bot.settings import Settings
from bot.store import releases
from bot.store.db import Database
from bot.store.migrate import upgrade
from bot.train import import_topics

QUICK = bool(os.environ.get("QUICK"))
EXAMPLES = 10
TRAIN = (project.RASA, "train", "--fixed-model-name", "stock")
TURNS = 100 if QUICK else 1000
STARTS = 1 if QUICK else 3
BUILD, OUT = ROOT / "build", ROOT / "benchmarks" / "out" / "turn.json"


def main() -> None:
    whole = pick(TOPICS)
    topics = cut(whole, examples=EXAMPLES, languages=("en",))
    wanted = training.prepared(
        lambda folder: project.write(topics, folder), BUILD / "stock", TRAIN, examples=EXAMPLES * len(topics)
    )
    with ThreadPoolExecutor() as pool:  # the long training runs while the short one does
        stock_training = pool.submit(training.finish, wanted)
        var, ours_training = _prepared(cut(whole, examples=EXAMPLES))
        print("Stock Rasa is being trained where that has not been done before (minutes, once)", flush=True)
        trained = stock_training.result()
    questions = rounds.questions(whole, skip=EXAMPLES, most=30 if QUICK else 300)
    result = _measured(var, wanted.model, questions)
    result |= {"training_s": {"ours": ours_training, "stock": trained}, "topics": len(topics), "examples": EXAMPLES}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result | {"aims": figures.verdicts(result)}, indent=1), encoding="utf-8")
    print("\n".join([*figures.lines(result), f"written to {OUT.relative_to(ROOT)}"]))


def _measured(var: Path, model: Path, questions: Sequence[tuple[str, Topic]]) -> dict[str, Any]:
    logs = BUILD / "bench"
    starts = [_start(processes.desk(var, logs / "desk.log")) for _ in range(STARTS - 1)]
    with ExitStack() as both:
        stock = both.enter_context(processes.stock(model, logs / "stock.log"))
        ours = both.enter_context(processes.desk(var, logs / "desk.log"))
        ready = {"ours": figures.middle([*starts, ours.ready]), "stock": stock.ready}
        idle = {"ours": ours.memory(), "stock": stock.memory()}
        result = asyncio.run(_turns(ours, stock, questions))
        after = {"ours": ours.memory(), "stock": stock.memory()}
    memory = {"idle": idle, f"after {TURNS} turns": after}
    _split(result, var / "frontdesk.sqlite3")
    return {**result, "memory_mb": memory, "ready_s": ready, "load": [round(one, 1) for one in os.getloadavg()]}


def _start(side: Any) -> dict[str, float]:
    with side as started:
        return dict(started.ready)


async def _turns(ours: processes.Side, stock: processes.Side, questions: Sequence[tuple[str, Topic]]) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=30) as client:
        pair = rounds.Pair(ours.url, stock.url, client)
        await pair.ask(questions[:10])  # both have answered something before anything is counted
        before, pair.messages = (ours.cpu(), stock.cpu()), 0
        asked = await pair.ask(questions)
        forms = await pair.fill_forms(5 if QUICK else 40)
        left = TURNS - pair.messages
        for number in range(0, max(left, 0), len(questions)):
            await pair.ask(questions[: left - number])
    used = [figures.per_turn(was, side.cpu(), pair.messages) for was, side in zip(before, (ours, stock), strict=True)]
    return {"asked": asked, "forms": forms, "cpu_ms_per_turn": {"ours": used[0], "stock": used[1]}}


def _split(result: dict[str, Any], database: Path) -> None:
    """Replace the raw turns with figures; the desk's own record says how long the engine took."""
    asked, forms = result.pop("asked"), result.pop("forms")
    result["turns_ms"] = {
        "question": rounds.split(asked, database) | {"stock": spread([one.total for one in asked["stock"]])},
        "form": rounds.split(forms, database) | {"stock": spread([one.total for one in forms["stock"]])},
    }
    medians = {kind: (sides["total"]["median"], sides["stock"]["median"]) for kind, sides in result["turns_ms"].items()}
    result["ratio"] = {kind: round(ours / stock, 3) for kind, (ours, stock) in medians.items()}
    result["right"] = asked["right"]


def _prepared(topics: Sequence[Topic]) -> tuple[Path, float]:
    """A var folder with a database and a live release of `topics`, and its training's seconds; made once a content."""
    told = repr(topics) + (ROOT / "config.yml").read_text() + (ROOT / "domain.yml").read_text()
    code = b"".join(path.read_bytes() for path in sorted((ROOT / "bot" / "engine").rglob("*.py")))
    folder = BUILD / "bench" / hashlib.sha256(told.encode() + code).hexdigest()[:16]
    record = folder / "training.json"
    if not record.exists():
        began = time.monotonic()
        release = make_release(topics, folder)
        record.write_text(json.dumps(round(time.monotonic() - began, 1)))
        asyncio.run(_go_live(folder, release))
    return folder, json.loads(record.read_text())


async def _go_live(var: Path, release: Path) -> None:
    settings = Settings(root=ROOT, var=var)
    await upgrade(settings.database)
    db = Database(settings.database)
    await import_topics(settings, db, by="benchmark", folder=var / "data" / "nlu")
    record = json.loads((release / "release.json").read_text())
    await db.write(lambda tx: releases.add(tx, release.name, data_hash=record["data_hash"], now=utc_now()))
    await db.write(lambda tx: releases.make_live(tx, release.name))
    await db.close()


if __name__ == "__main__":
    main()
