"""``frontdesk evaluate``: labelled messages through the gate and engine of ``frontdesk ask``, and a report on them."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.ask import ask_all, live_release
from bot.core.refused import Refused
from bot.department_files import read_department
from bot.evaluation.label import Label, read_labels
from bot.evaluation.page import page
from bot.evaluation.report import Report, report
from bot.evaluation.verdict import Judged, judge
from bot.releases import ReleaseFolder
from bot.settings import Settings
from bot.store import topics
from bot.store.db import Database
from bot.train import Progress

JSON_FILE, PAGE_FILE = "evaluation.json", "evaluation.html"


async def evaluate(settings: Settings, file: Path, *, progress: Progress) -> Report:
    """Ask every message of `file` and measure. Raises Refused for a file or a line that cannot be used."""
    release = await live_release(settings)
    known = ReleaseFolder(settings.var / "releases").topics(release)
    labels = read_labels(file, topics=known, longest=settings.message_characters)
    judged = await _judged(settings, labels, release, progress)
    return report(
        judged,
        file=file.name,
        release=release,
        languages=read_department(settings.root).languages,
        taught=await _examples(settings),
        now=datetime.now(UTC),
    )


async def _judged(settings: Settings, labels: list[Label], release: str, progress: Progress) -> list[Judged]:
    """Each message as the first of a fresh conversation; the bar's words change ten times."""
    progress("starting the engine", 0.0)
    judged, step = list[Judged](), max(1, len(labels) // 10)
    async for answer in ask_all(settings, [label.text for label in labels], release=release):
        judged.append(judge(labels[len(judged)], answer))
        progress(f"{len(judged) // step * step} of {len(labels)} messages", len(judged) / len(labels))
    return judged


async def _examples(settings: Settings) -> list[str]:
    """The text of every example of the department's topics, as they are in the database now."""
    db = Database(settings.database)
    try:
        found = await db.read(topics.list_all)
    finally:
        await db.close()
    return [text for topic in found for texts in topic.examples.values() for text in texts]


def write(found: Report, folder: Path) -> tuple[Path, Path]:
    """The report as JSON and as a page in `folder`; returns both paths. Raises Refused where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / JSON_FILE).write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
        (folder / PAGE_FILE).write_text(page(found), encoding="utf-8")
    except OSError as error:
        raise Refused(f"The report cannot be written to {folder}: {error.strerror}.") from error
    return folder / JSON_FILE, folder / PAGE_FILE
