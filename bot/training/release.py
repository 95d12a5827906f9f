"""A release: a folder with the trained model and release.json, complete from the moment it has its name."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.model_format import MODEL_FORMAT
from bot.core.topic import Topic

RECORD = "release.json"
MODEL = "model.tar.gz"


def new_release_id(now: datetime) -> str:
    """An id that sorts by time and cannot clash: ``20261123T160230-9f3c01ab``."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def record(
    release_id: str,
    topics: Sequence[Topic],
    *,
    now: datetime,
    data_hash: str,
    languages: Sequence[str],
    figures: Mapping[str, Any],
    golden: Mapping[str, bool],
) -> dict[str, Any]:
    """The content of release.json. `figures`: thresholds and what training measured; `golden`: as gate.results."""
    return {
        "id": release_id,
        "created_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "data_hash": data_hash,
        "model_format": MODEL_FORMAT,
        "languages": list(languages),
        "thresholds": figures.get("thresholds", {}),
        "figures": {name: value for name, value in figures.items() if name != "thresholds"},
        "golden": dict(golden),
        "topics": {topic.id: _entry(topic) for topic in topics},
    }


def golden_results(releases: Path, release_id: str | None) -> dict[str, bool]:
    """How a release did on the golden questions of its day; empty for none, or one that this version cannot open and
    that therefore answers nobody."""
    if release_id is None:
        return {}
    try:
        content = json.loads((releases / release_id / RECORD).read_text(encoding="utf-8"))
        golden: dict[str, bool] = content["golden"] if content["model_format"] == MODEL_FORMAT else {}
    except (OSError, ValueError, KeyError):
        return {}
    return golden


def publish(draft: Path, content: Mapping[str, Any], releases: Path) -> Path:
    """Give `draft`, which holds the model, its record and its final name under `releases`: there whole, or not at all.

    `draft` must be on the file system of `releases`.
    """
    (draft / RECORD).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return draft.rename(releases / str(content["id"]))


def data_hash(folder: Path) -> str:
    """SHA-256 over names and contents of every file in `folder` (a generated project): equal means the same release."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _entry(topic: Topic) -> dict[str, Any]:
    return {
        "title": dict(topic.title),
        "owner": topic.owner,
        "source": topic.source,
        "reviewed_on": topic.reviewed_on.isoformat(),
        "review_days": topic.review_days,
        "sensitivity": topic.sensitivity,
        "form": topic.form,
        "buttons": list(topic.buttons),
    }
