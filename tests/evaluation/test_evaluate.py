"""``frontdesk evaluate`` as somebody types it, on a small release: progress, report, refusals, silent logs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.training.topic_files import write_topics
from tests.e2e.running import ROOT, environment_for
from tests.training.topics import topic

MESSAGES = [
    {"text": "My loud music?", "topic": "report/noise", "lang": "en"},
    {"text": "the stolen bicycle of my neighbor", "topic": "report/theft", "lang": "en"},
    {
        "text": "someone is breaking into my house right now",
        "topic": "report/theft",
        "lang": "en",
        "expect": "emergency",
    },
    {"text": "la copie du rapport", "topic": "records/fees", "lang": "fr"},
]


def line(**changes: object) -> str:
    facts = {"also": [], "expect": "answer", "expect_also": [], "provenance": "sms"}
    return json.dumps({**facts, **changes}) + "\n"


class Command:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            cwd=ROOT,
            env=environment_for(self.folder / "var"),
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )


@pytest.fixture(scope="module")
def frontdesk(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command on a database with three topics; golden questions ask about others, so the trainer itself is run."""
    folder = tmp_path_factory.mktemp("evaluate")
    command = Command(folder)
    write_topics([topic("report/noise"), topic("report/theft"), topic("records/fees")], folder / "nlu")
    done = command("topics", "import", str(folder / "nlu"))
    assert done.returncode == 0, done.stderr
    _go_live(folder)
    return command


def _go_live(folder: Path) -> None:
    import asyncio
    from datetime import UTC, datetime

    from bot.store import releases
    from bot.store.db import Database
    from bot.training.train import Project, train

    project = Project(root=ROOT, data=folder, department=ROOT / "department.yml")
    release = train(project, folder / "var" / "releases", now=datetime.now(UTC), progress=lambda *_: None)

    async def work() -> None:
        db = Database(f"sqlite+aiosqlite:///{folder}/var/frontdesk.sqlite3")
        await db.write(lambda tx: releases.add(tx, release.name, data_hash="none", now=datetime.now(UTC)))
        await db.write(lambda tx: releases.make_live(tx, release.name))
        await db.close()

    asyncio.run(work())


def test_a_file_is_measured(frontdesk: Command, tmp_path: Path):
    file = tmp_path / "messages.jsonl"
    file.write_text("".join(line(**message) for message in MESSAGES), encoding="utf-8")
    done = frontdesk("evaluate", str(file), "--report", str(tmp_path / "report"), "--errors")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "report" / "evaluation.json").read_text(encoding="utf-8"))
    assert found["messages"] == 4
    assert found["taught"] == ["My loud music?"]
    shares = found["all"][0]["shares"]
    assert (shares["caught"]["hits"], shares["caught"]["of"]) == (1, 1)
    assert shares["within"]["of"] == 2
    assert [one["name"] for one in found["unlisted"]] == ["fr"]
    assert "<svg" in (tmp_path / "report" / "evaluation.html").read_text(encoding="utf-8")
    assert "Evaluating: 4 of 4 messages (100%)" in done.stderr
    assert not [message for message in MESSAGES if str(message["text"]) in done.stderr]
    assert "emergencies caught              1/1    100.0%" in done.stdout


def test_a_bad_line_stops_it_before_anything_is_asked(frontdesk: Command, tmp_path: Path):
    file = tmp_path / "messages.jsonl"
    file.write_text(line(**MESSAGES[0]) + line(text="x", topic="tickets/unheard", lang="en"), encoding="utf-8")
    done = frontdesk("evaluate", str(file), "--report", str(tmp_path / "report"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "frontdesk: Line 2 of messages.jsonl: the live release has no topic tickets/unheard."
    )
    assert not (tmp_path / "report").exists()
