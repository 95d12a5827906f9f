"""A release folder: the trained model and, beside it, what the answers' topics are called and lead to."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ReleaseUnusable(Exception):
    """The folder is not a complete release; the message says what is missing."""


@dataclass(frozen=True)
class Release:
    """`topics`: topic id -> its entry in release.json. `languages`: the first one is the default."""

    id: str
    model: Path
    languages: tuple[str, ...]
    topics: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> "Release":
        """Raises ReleaseUnusable."""
        try:
            document = json.loads((folder / "release.json").read_text("utf-8"))
            release = cls(
                document["id"], folder / "model.tar.gz", tuple(document["languages"]), dict(document["topics"])
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseUnusable(f"release.json cannot be read ({type(error).__name__})") from error
        if not release.model.is_file() or not release.languages:
            raise ReleaseUnusable("model.tar.gz or the languages are missing")
        return release

    def language(self, wanted: str | None) -> str:
        """`wanted` where the release speaks it, else the default language."""
        return wanted if wanted in self.languages else self.languages[0]

    def title(self, topic: str, language: str) -> str:
        titles = self.topics[topic]["title"]
        return str(titles.get(language) or titles.get(self.languages[0]) or next(iter(titles.values())))

    def form(self, topic: str) -> str | None:
        return self.topics[topic].get("form")

    def owner(self, topic: str) -> str | None:
        return self.topics[topic].get("owner")

    def button_topics(self, topic: str) -> list[str]:
        """The next steps of a topic, those that this release has."""
        return [other for other in self.topics[topic].get("buttons") or [] if other in self.topics]
