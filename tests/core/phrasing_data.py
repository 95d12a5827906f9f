"""The project's own data/phrasing, as the classifier is given it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.core.phrasing import Phrasing

FOLDER = Path(__file__).parents[2] / "data" / "phrasing"


@cache
def documents() -> dict[str, Any]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yml"))}


@cache
def phrasing() -> Phrasing:
    return Phrasing.from_data(documents())
