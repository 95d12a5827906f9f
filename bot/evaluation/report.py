"""The report of an evaluation, as one document of plain values: what is written as JSON and shown as page and lines."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.engine.nlu.normalise import normalise
from bot.evaluation.confusions import matrix, worst, wrong_messages
from bot.evaluation.label import Label
from bot.evaluation.reliability import reliability
from bot.evaluation.slices import by, main_slices
from bot.evaluation.spread import spread
from bot.evaluation.verdict import Judged

Report = dict[str, Any]


def report(
    judged: Sequence[Judged],
    *,
    file: str,
    release: str,
    languages: Collection[str],
    taught: Iterable[str],
    now: datetime,
) -> Report:
    """Everything measured. `languages`: the department's; a message in another counts only in `unlisted`.

    `file` is a name without its folder; `taught`: the texts of the topics' examples.
    """
    known = taught_texts([one.label for one in judged], taught)
    listed = [one for one in judged if one.label.lang in languages]
    unlisted = [one for one in judged if one.label.lang not in languages]
    return {
        "file": file,
        "release": release,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "messages": len(judged),
        "department_languages": list(languages),
        "taught": known,
        "all": main_slices(listed, taught=known) if listed else [],
        "languages": by(listed, lambda one: one.label.lang),
        "provenances": by(listed, lambda one: one.label.provenance),
        "topics": sorted(by(listed, lambda one: one.label.topic), key=lambda one: str(one["name"])),
        "unlisted": by(unlisted, lambda one: one.label.lang),
        "reliability": reliability(listed),
        "matrix": matrix(listed),
        "confusions": worst(listed),
        "wrong": wrong_messages(judged),
        "latency_ms": spread([float(one.answer["ms"]) for one in judged]),
    }


def taught_texts(labels: Iterable[Label], taught: Iterable[str]) -> list[str]:
    """The texts that stand, normalised, among the examples: what they measure is memory."""
    known = {normalise(text) for text in taught}
    return [label.text for label in labels if normalise(label.text) in known]
