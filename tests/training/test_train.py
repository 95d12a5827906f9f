"""The whole way, once: topic files to a release, through Rasa and real encoders, in processes of their own."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.training.release import data_hash, new_release_id
from bot.training.topic_files import write_topics
from tests.training.topics import DEPARTMENT, topic

ROOT = Path(__file__).parents[2]


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.training", "--root", str(ROOT), "train", "--data", str(data)]
    command += ["--department", str(data / "department.yml"), "--out", str(data / "releases"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_topics(
        [topic("report/noise"), topic("report/theft", form="leave_message"), topic("records/fees")], tmp_path / "nlu"
    )
    (tmp_path / "department.yml").write_text(yaml.safe_dump(DEPARTMENT), encoding="utf-8")
    return tmp_path


def test_topics_become_a_release(data: Path) -> None:
    done = run(data, "--progress", "json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    (folder,) = (data / "releases").iterdir()
    assert lines[-1] == {"release": folder.name}
    assert lines[0]["stage"] == "check"
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    assert record["id"] == folder.name
    assert record["languages"] == ["en", "es"]
    assert set(record["thresholds"]) == {"answer", "redirect", "choices", "emergency", "notice"}
    assert record["topics"]["report/theft"] == {
        "title": {"en": "About stolen bicycle", "es": "Sobre stolen bicycle"},
        "owner": "records",
        "source": "https://www.example.org",
        "reviewed_on": "2026-11-02",
        "review_days": 365,
        "sensitivity": "normal",
        "form": "leave_message",
        "buttons": [],
    }
    assert (folder / "model.tar.gz").stat().st_size > 10_000
    assert sorted(path.name for path in folder.iterdir()) == ["model.tar.gz", "release.json"]
    assert list((data / "vectors").glob("use-*.npz"))


def test_a_topic_that_cannot_be_released_is_named_and_nothing_is_left_behind(data: Path) -> None:
    write_topics([topic("report/noise", owner="nobody")], data / "nlu")
    done = run(data)
    assert done.returncode == 1
    assert "report/noise: its owner 'nobody' is no unit of department.yml" in done.stderr
    assert list((data / "releases").iterdir()) == []


def test_a_model_that_misses_a_golden_question_is_refused_with_the_question(data: Path) -> None:
    (data / "golden").mkdir()
    (data / "golden" / "impossible.yml").write_text('questions:\n  - {text: "loud music", outcome: emergency}\n')
    done = run(data)
    assert done.returncode == 1
    assert "'loud music': expected emergency, got report/noise" in done.stderr
    assert list((data / "releases").iterdir()) == []


def test_the_hash_follows_contents_and_names(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = data_hash(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    second = data_hash(tmp_path)
    (tmp_path / "b").write_text("2")
    assert len({first, second, data_hash(tmp_path)}) == 3


def test_release_ids_sort_by_time() -> None:
    earlier = new_release_id(datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    later = new_release_id(datetime(2026, 11, 23, 16, 1, tzinfo=UTC))
    assert earlier < later
