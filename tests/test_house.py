"""Rules of the house that a newcomer would otherwise have to remember."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.settings_doc import document

ROOT = Path(__file__).parents[1]
PLACEHOLDER = re.compile(r"\[\[[a-z0-9_.]+\]\]|\{[a-z_]+\}")
# Written so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi." + "org", "files.python" + "hosted", "registry.npm" + "js", "deb." + "debian", "artifact" + "ory",
    "nex" + "us.", "extra-index" + "-url",
]  # fmt: skip
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/" + r"[a-z.]")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b|in a real " + r"system", re.IGNORECASE)


@cache
def tracked() -> tuple[Path, ...]:
    """Every text file that is part of the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name]
    return tuple(path for path in paths if (ROOT / path).is_file() and _is_text(path))


def _is_text(path: Path) -> bool:
    return b"\0" not in (ROOT / path).read_bytes()[:1000]


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def holding(pattern: str | re.Pattern[str], *, but: tuple[str, ...] = ()) -> list[str]:
    """file:line of every tracked line that `pattern` is found in."""
    found = re.compile(re.escape(pattern)) if isinstance(pattern, str) else pattern
    return [
        f"{path}:{number}"
        for path in tracked()
        if path.as_posix() not in but
        for number, line in enumerate(read(path).splitlines(), 1)
        if found.search(line)
    ]


@pytest.mark.parametrize("folder", ["bot/core", "bot/engine/nlu", "benchmarks/stock"])
def test_what_stock_rasa_loads_is_python_310(folder: str):
    import ast

    for path in sorted((ROOT / folder).glob("*.py")):
        if path.name != "project.py":  # writes the baseline's project, on our side
            ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=(3, 10))


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str):
    assert holding(host) == []


def test_no_file_holds_a_path_of_somebodys_machine():
    assert holding(MACHINE_PATHS, but=("tests/test_house.py",)) == []


def test_nothing_is_left_unfinished():
    code = [line for line in holding(UNFINISHED) if line.split(":")[0].endswith((".py", ".ts", ".sh", ".yml"))]
    # What residents and approved answers say is theirs: only our own code and data's comments are looked at.
    assert [line for line in code if not line.startswith(("data/", "tests/", "domain.yml"))] == []


def _texts(path: Path) -> dict[str, str]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return dict(content["texts"])


def _parts() -> list[str]:
    return sorted({path.name.split(".")[0] for path in (ROOT / "data" / "texts").glob("*.yml")})


def _languages() -> list[str]:
    return list(yaml.safe_load(read(Path("department.yml")))["languages"])


@pytest.mark.parametrize("part", _parts())
def test_every_text_exists_in_every_language_with_the_same_placeholders(part: str):
    first, *others = [_texts(ROOT / "data" / "texts" / f"{part}.{language}.yml") for language in _languages()]
    for other in others:
        assert set(other) == set(first)
        differing = [key for key in first if _places(first[key]) != _places(other[key])]
        assert differing == []


def _places(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_every_response_of_the_domain_exists_in_every_language_with_the_same_placeholders():
    responses = yaml.safe_load(read(Path("domain.yml")))["responses"]
    for name, variations in responses.items():
        assert len(variations) == len(_languages()), name
        assert len({frozenset(_places(one["text"])) for one in variations}) == 1, name


def test_the_table_of_settings_is_current():
    assert read(Path("docs/settings.md")) == document(), "run: python -m scripts.settings_doc"


def test_every_link_from_one_of_our_pages_to_another_leads_somewhere():
    pages = [path for path in tracked() if path.suffix == ".md"]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:\s]+)\)", read(page))]
    assert [f"{page}: {link}" for page, link in links if not (ROOT / page.parent / link).exists()] == []
