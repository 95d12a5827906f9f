"""What a release's record decides: whether this version can use it, and what a new model is compared with."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.core.model_format import MODEL_FORMAT
from bot.releases import ReleaseFolder
from bot.training.release import golden_results

OURS: dict[str, Any] = {"model_format": MODEL_FORMAT, "golden": {"question": True}, "topics": {"report/noise": {}}}
BEFORE_FORMATS_WERE_KEPT = {name: value for name, value in OURS.items() if name != "model_format"}


def write(releases: Path, content: dict[str, Any]) -> str:
    (releases / "one").mkdir()
    (releases / "one" / "model.tar.gz").touch()
    (releases / "one" / "release.json").write_text(json.dumps(content))
    return "one"


def test_a_release_of_this_version_is_used_and_compared_with(tmp_path: Path) -> None:
    release = write(tmp_path, OURS)
    assert ReleaseFolder(tmp_path).is_usable(release)
    assert golden_results(tmp_path, release) == {"question": True}


@pytest.mark.parametrize("content", [OURS | {"model_format": MODEL_FORMAT - 1}, BEFORE_FORMATS_WERE_KEPT])
def test_one_of_another_version_is_neither_but_its_topics_are_still_named(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    release = write(tmp_path, content)
    assert not ReleaseFolder(tmp_path).is_usable(release)
    assert golden_results(tmp_path, release) == {}
    assert ReleaseFolder(tmp_path).topics(release) == {"report/noise": {}}


def test_one_that_is_not_there_is_no_use(tmp_path: Path) -> None:
    assert not ReleaseFolder(tmp_path).is_usable("gone")
    assert golden_results(tmp_path, "gone") == golden_results(tmp_path, None) == {}
