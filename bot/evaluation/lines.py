"""The report as lines for a terminal."""

from collections.abc import Iterable
from typing import Any

from bot.evaluation.report import Report
from bot.evaluation.slices import TITLES


def lines(report: Report) -> list[str]:
    """Everything but the topics' table and the messages."""
    parts = [*report["all"], *_named("language", report["languages"]), *_named("from", report["provenances"])]
    apart = _named("not listed in department.yml: language", report["unlisted"])
    return [
        f"{report['file']}: {report['messages']} messages, release {report['release']}",
        *taught_lines(report),
        *(line for one in [*parts, *apart] for line in _slice(one)),
        _calibration(report["reliability"]),
        _latency(report["latency_ms"]),
        *_confusions(report["confusions"][:10]),
    ]


def taught_lines(report: Report) -> list[str]:
    """A warning where the file's texts stand in the topics' examples, with each text; one line where none does."""
    taught = report["taught"]
    if not taught:
        return ["None of these texts stands in the topics' examples."]
    warning = (
        f"WARNING: {len(taught)} of {report['messages']} texts stand in the topics' examples. "
        "A test set that was trained on measures nothing. They are:"
    )
    return [warning, *(f"  {text}" for text in taught)]


def error_lines(report: Report) -> list[str]:
    """Each message that went wrong, by what came of it."""
    told, last = list[str](), ""
    for one in report["wrong"]:
        if one["verdict"] != last:
            last = one["verdict"]
            told.append(f"{last}:")
        sure = f" ({one['confidence']:.0%} sure)" if one["confidence"] is not None else ""
        told.append(f"  {one['expected']} -> {one['given']}{sure}: {one['text']}")
    return told


def _named(word: str, slices: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "name": f"{word} {one['name']}"} for one in slices]


def _slice(one: dict[str, Any]) -> list[str]:
    told = [f"{one['name']}: {one['messages']} messages"]
    told += [f"  {TITLES[key]:28} {_share(share)}" for key, share in one["shares"].items() if share["of"]]
    if one["missed_choices"]:
        told.append(f"  of the wrong, choices without the right one: {one['missed_choices']}")
    price = one["price"]
    if price["of"]:
        told.append(f"  {'mean price, points':28} {price['mean']:.2f}  [{price['low']:.2f}, {price['high']:.2f}]")
    return told


def _share(share: dict[str, Any]) -> str:
    return f"{share['hits']:4}/{share['of']:<4} {share['share']:6.1%}  [{share['low']:.1%}, {share['high']:.1%}]"


def _calibration(found: dict[str, Any]) -> str:
    if not found["of"]:
        return "calibration error: nothing to compare"
    return (
        f"calibration error: {found['error']:.3f} over {found['of']} messages, where {found['by_chance']:.3f} would be "
        "chance if every confidence were exactly right"
    )


def _latency(found: dict[str, float]) -> str:
    return f"time a message, through desk and engine: median {found['median']:.0f} ms, p95 {found['p95']:.0f} ms"


def _confusions(pairs: Iterable[dict[str, Any]]) -> list[str]:
    told = [f"  {len(one['messages']):3} x {one['expected']} -> {one['given']}" for one in pairs]
    return ["the worst confusions:", *told] if told else ["no confusions"]
