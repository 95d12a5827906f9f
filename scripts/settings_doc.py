"""Writes docs/settings.md from bot/settings.py: ``python -m scripts.settings_doc``. A test fails when it is old."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Written by `python -m scripts.settings_doc` from `bot/settings.py`; do not edit it here.

Every setting is an environment variable, read once when a process begins. Nothing is required: without any, Frontdesk
runs on this machine alone, with SQLite in the folder `var`. The department's own facts (numbers, hours, links) are not
settings: they stand in `department.yml`.

| Variable | Default | What it is |
|---|---|---|
"""


def document() -> str:
    """The whole page."""
    prefix = Settings.model_config.get("env_prefix", "")
    return HEAD + "".join(
        f"| `{prefix}{name.upper()}` | {_default(field.default)} | {(field.description or '')} |\n"
        for name, field in Settings.model_fields.items()
    )


def _default(value: Any) -> str:
    shown = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return f"`{shown}`" if shown else "empty"


if __name__ == "__main__":
    PAGE.write_text(document(), encoding="utf-8")
