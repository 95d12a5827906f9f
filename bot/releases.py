"""Release folders: what is in them, and the topics of a release for the desk."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.core.model_format import MODEL_FORMAT


class ReleaseFolder:
    """All releases under the var folder. What a release says of its topics is read once and kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._topics: dict[str, Mapping[str, Any]] = {}

    def path(self, release_id: str) -> Path:
        return self.folder / release_id

    def is_whole(self, release_id: str) -> bool:
        return (self.path(release_id) / "model.tar.gz").is_file() and (self.path(release_id) / "release.json").is_file()

    def is_usable(self, release_id: str) -> bool:
        """Whole, and of a format that this version's engines open."""
        return self.is_whole(release_id) and self.read(release_id).get("model_format") == MODEL_FORMAT

    def read(self, release_id: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path(release_id) / "release.json").read_text(encoding="utf-8"))
        return found

    def topics(self, release_id: str | None) -> Mapping[str, Any]:
        """Topic id -> title, owner, source, reviewed_on, ...; empty for a release that is not there."""
        if release_id is None or not self.is_whole(release_id):
            return {}
        if release_id not in self._topics:
            self._topics[release_id] = self.read(release_id)["topics"]
        return self._topics[release_id]
