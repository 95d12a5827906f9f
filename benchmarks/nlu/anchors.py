"""Public data sets in few-shot form, in the layout of github.com/jianguoz/Few-Shot-Intent-Detection.

``<folder>/<NAME>/train_5/{seq.in,label}`` and ``test/{seq.in,label}``, a line a message; CLINC150 has
``oos/test/seq.in`` too, where it is there. They stay where they are: nothing of them is part of the project.
"""

from datetime import date
from pathlib import Path

from benchmarks.nlu.material import Material
from bot.core.topic import Topic
from bot.evaluation.label import Label

NAMES = ("CLINC150", "BANKING77", "HWU64")
GROUP = "anchor"


def read_anchors(folder: Path | None, *, shots: int) -> tuple[list[Material], list[str]]:
    """(the data sets that are there, the names of those that are not)."""
    there = [name for name in NAMES if folder and (folder / name / f"train_{shots}" / "seq.in").is_file()]
    found = [_read(folder / name, shots) for name in there] if folder else []
    return found, [name for name in NAMES if name not in there]


def _read(folder: Path, shots: int) -> Material:
    examples: dict[str, list[str]] = {}
    for text, intent in _pairs(folder / f"train_{shots}"):
        examples.setdefault(_topic(intent), []).append(text)
    asked = [_label(text, _topic(intent), "answer") for text, intent in _pairs(folder / "test")]
    beyond = folder / "oos" / "test" / "seq.in"
    if beyond.is_file():
        asked += [_label(text, "oos/beyond", "out_of_scope") for text in _lines(beyond)]
    topics = [_as_topic(name, texts) for name, texts in examples.items()]
    return Material(f"{folder.name}, {shots} examples each", topics, ("en",), {"its test set": asked}, grouped=False)


def _pairs(folder: Path) -> list[tuple[str, str]]:
    return list(zip(_lines(folder / "seq.in"), _lines(folder / "label"), strict=True))


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _topic(intent: str) -> str:
    return f"{GROUP}/" + "".join(sign if sign.isalnum() else "_" for sign in intent.lower())


def _label(text: str, topic: str, expect: str) -> Label:
    return Label(text, "en", topic, (), expect, (), "anchor")


def _as_topic(name: str, examples: list[str]) -> Topic:
    """The rest of a topic is only there because training wants it: nobody is answered with it."""
    return Topic(
        id=name,
        title={"en": name},
        owner="",
        source="",
        reviewed_on=date(2026, 1, 1),
        review_days=365,
        sensitivity="normal",
        form=None,
        buttons=(),
        examples={"en": tuple(examples)},
        answer={"en": name},
    )
