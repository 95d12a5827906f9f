"""From the database's topics to a live release: training in a process of its own, with its progress shown."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.core.refused import Refused
from bot.releases import ReleaseFolder
from bot.settings import Settings
from bot.store import releases, topics
from bot.store.db import Database
from bot.training.topic_files import read_topics, write_topics

Progress = Callable[[str, float], None]
"""Told of each stage: its name and how much of the whole is done, 0 to 1."""

# The stages of a cold training and their share of its time, as measured with 86 topics.
STAGES = {"check": 0.01, "start": 0.07, "encode minilm": 0.25, "encode use": 0.1, "fit": 0.5, "ask": 0.07}


@dataclass(frozen=True)
class Trained:
    release: str
    seconds: float
    topics: int


async def import_topics(settings: Settings, db: Database, *, by: str, folder: Path | None = None) -> int:
    """Read the topic files and make them the department's topics; returns how many changed."""
    found = await asyncio.to_thread(read_topics, folder or settings.root / "data" / "nlu")
    return await db.write(lambda tx: topics.save_all(tx, found, by=by, now=datetime.now(UTC)))


async def export_topics(db: Database, folder: Path) -> int:
    """Write the department's topics as files; the same bytes when nothing changed."""
    found = await db.read(topics.list_all)
    await asyncio.to_thread(write_topics, found, folder)
    return len(found)


async def train(settings: Settings, db: Database, *, progress: Progress, make_live: bool = True) -> Trained:
    """Build a release from the database's topics. Raises Refused, in the trainer's words, when it fails its gate."""
    began = asyncio.get_running_loop().time()
    with tempfile.TemporaryDirectory(prefix="frontdesk-train-") as scratch:
        count = await export_topics(db, Path(scratch) / "nlu")
        if not count:
            raise Refused("There are no topics yet. Run: frontdesk topics import")
        (Path(scratch) / "golden").symlink_to((settings.root / "data" / "golden").resolve())
        live = await db.read(releases.live)
        release = await _run_trainer(settings, Path(scratch), progress, live=live["id"] if live else None)
    folder = ReleaseFolder(settings.var / "releases")
    document = folder.read(release)
    await db.write(lambda tx: releases.add(tx, release, data_hash=document["data_hash"], now=datetime.now(UTC)))
    if make_live:
        await db.write(lambda tx: releases.make_live(tx, release))
    return Trained(release, asyncio.get_running_loop().time() - began, count)


async def _run_trainer(settings: Settings, data: Path, progress: Progress, *, live: str | None) -> str:
    """Train in a process of its own that knows no secret of the desk's. Returns the release's id."""
    root = settings.root.resolve()
    arguments = ["-m", "bot.training", "--root", str(root), "train", "--data", str(data)]
    arguments += ["--department", str(root / "department.yml"), "--progress", "json"]
    arguments += ["--out", str((settings.var / "releases").resolve())]
    arguments += ["--live", live] if live else []
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=root,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.create_task(process.stderr.read())
    release = ""
    async for line in process.stdout:
        said = json.loads(line)
        release = said.get("release", release)
        if "stage" in said:
            progress(said["stage"], _share(said["stage"], said["done"] / max(1, said["total"])))
    if await process.wait() or not release:
        raise Refused((await complaints).decode(errors="replace")[-4000:].strip() or "Training ended early.")
    return release


def _share(stage: str, done: float) -> float:
    """How much of the whole training is done, 0 to 1, from a stage and how much of it is done."""
    before = 0.0
    for name, weight in STAGES.items():
        if name == stage:
            return before + weight * done
        before += weight
    return before
