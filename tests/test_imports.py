"""Who may import whom. The arrows of docs/map.md, read from the code itself: any other one fails here."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = "settings"
# Each room and the rooms it may import from. Nothing stands above its own line but the composition root's files.
ROOMS: dict[str, set[str]] = {
    "core": set(),
    "settings": set(),
    "store": {"core"},
    "desk": {"core", "store", SETTINGS},
    "channels": {"core", "desk", "pages", SETTINGS},
    "console": {"core", "store", "desk", "pages", SETTINGS},
    "actions": {"core", "desk"},
    "action_route": {"actions", "desk"},
    "engine": {"core"},
    "training": {"core", "store"},
    "evaluation": {"core", "engine", "pages"},
    "dev": {"core"},
    "pages": set(),
}
# The composition root and the commands: they put the rooms together and hold no decisions.
ROOT_FILES = {
    "app", "ask", "cli", "department_files", "doctor", "evaluate", "health", "logs", "progress", "releases", "run",
    "staff_accounts", "topic_report", "train", "web",
}  # fmt: skip
LIBRARIES = {
    "rasa": lambda path: path.startswith("bot/engine/"),
    "rasa_sdk": lambda path: path.startswith("actions/") or path == "bot/action_route.py",
    "telegram": lambda path: path.startswith("bot/channels/telegram/"),
    "sanic": lambda path: not path.startswith(("bot/core/", "bot/store/", "bot/desk/", "actions/", "bot/training/")),
}
# What needs the clock, the environment or the world outside has no place among the decisions.
STANDARD_CORE = {
    "bisect", "calendar", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib", "hmac", "itertools",
    "json", "math", "re", "secrets", "string", "time", "types", "typing", "typing_extensions", "unicodedata",
    "urllib.parse", "uuid", "zoneinfo", "__future__",
}  # fmt: skip


@cache
def files() -> tuple[Path, ...]:
    """Every Python file of the product, as a path from the project's folder."""
    found = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]
    return tuple(sorted(path.relative_to(ROOT) for path in found))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file the import stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str | None:
    """The room of a module of ours: a folder of bot, a file of bot, or actions; None for anything else."""
    parts = module.split(".")
    if parts[0] == "actions":
        return "actions"
    return parts[1] if parts[0] == "bot" and len(parts) > 1 else None


@pytest.mark.parametrize("path", files(), ids=str)
def test_a_room_imports_only_from_the_rooms_below_it(path: Path):
    own = room(".".join(path.with_suffix("").parts))
    if own is None or own in ROOT_FILES or own == "__init__":
        return
    assert own in ROOMS, f"{own} is a new room: give it a line in ROOMS and in docs/map.md"
    others = {other for module in imported(path) if (other := room(module)) and other != own}
    assert others <= ROOMS[own]


@pytest.mark.parametrize("path", files(), ids=str)
def test_a_library_is_used_only_where_it_belongs(path: Path):
    used = {module.split(".")[0] for module in imported(path)}
    misplaced = [name for name, belongs in LIBRARIES.items() if name in used and not belongs(path.as_posix())]
    assert misplaced == []


def test_actions_see_nothing_of_the_desk_but_its_effects():
    seen = {module for path in files() if path.parts[0] == "actions" for module in imported(path)}
    assert all(module.startswith("bot.desk.effects") for module in seen if module.startswith("bot.desk"))


def test_the_decisions_use_the_standard_library_only():
    core = [path for path in files() if path.parts[:2] == ("bot", "core")]
    used = {module for path in core for module in imported(path) if not module.startswith("bot.")}
    assert {module for module in used if not {module.split(".")[0], module.rpartition(".")[0]} & STANDARD_CORE} == set()


def test_only_the_store_writes_queries():
    callers = [
        path.as_posix()
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"select", "text"}
        if any(module.startswith("sqlalchemy") and module.endswith(node.func.id) for module in imported(path))
    ]
    assert [path for path in callers if not path.startswith("bot/store/")] == []


def test_settings_are_read_only_where_a_process_begins():
    readers = {
        path.as_posix()
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Settings"
    }
    assert readers <= {"bot/cli.py"}


def test_the_nlu_components_do_not_import_slim():
    """Stock Rasa on Python 3.10 loads them too, where slim would stand in for what is really there."""
    nlu = [path for path in files() if path.parts[:3] == ("bot", "engine", "nlu")]
    assert [path for path in nlu if "bot.engine.slim" in imported(path)] == []
