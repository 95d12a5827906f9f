"""Every benchmark that the documentation names is there and finds what it imports."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(
    {
        name
        for path in (ROOT / "docs").glob("*.md")
        for name in re.findall(r"python -m (benchmarks\.\w+)", path.read_text())
    }
)


def test_some_are_named() -> None:
    assert "benchmarks.emergency" in NAMED


@pytest.mark.parametrize("name", NAMED)
def test_it_can_be_imported(name: str) -> None:
    module = importlib.import_module(name)
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{name}.__main__")
    assert callable(module.main)
