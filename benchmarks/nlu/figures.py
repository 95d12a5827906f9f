"""What came of a run: each side's figures on each list of messages, and the ratios of what they took."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.core.outcome import outcome_of
from bot.evaluation.label import Label
from bot.evaluation.share import Share
from bot.evaluation.slices import TITLES, slice_of
from bot.evaluation.spread import spread
from bot.evaluation.verdict import judge

Line = Mapping[str, Any]
SIDES = ("ours", "stock")


def stock_line(line: Line, topics: Mapping[str, str]) -> dict[str, Any]:
    """Stock's reading as our answers are written. `topics`: intent -> topic; one not in it is a topic's own id."""
    topic = line["name"] and topics.get(line["name"], line["name"])
    first = line["first"] and topics.get(line["first"], line["first"])
    outcome = outcome_of(topic).value if topic else "no_answer"
    return {**line, "outcome": outcome, "topic": topic, "first": first, "choices": [], "notice": False}


def accuracy(labels: Sequence[Label], lines: Sequence[Line]) -> dict[str, Any]:
    """{"first": the first topic was acceptable, whatever was decided, "decided": see evaluation.slices}."""
    inside = [pair for pair in zip(labels, lines, strict=True) if pair[0].expect != "out_of_scope"]
    first = sum(line["first"] in label.acceptable for label, line in inside)
    judged = [judge(label, line) for label, line in zip(labels, lines, strict=True)]
    return {"first": Share(first, len(inside)).document(), "decided": slice_of("decided", judged)}


def asked(
    lists: Mapping[tuple[str, str], Sequence[Label]], ours: Sequence[Line], stock: Sequence[Line]
) -> list[dict[str, Any]]:
    """Each list's accuracy on both sides; `ours` and `stock` hold the lists' lines one after another."""
    found, place = list[dict[str, Any]](), 0
    for (name, language), labels in lists.items():
        some = slice(place, place := place + len(labels))
        sides = {"ours": accuracy(labels, ours[some]), "stock": accuracy(labels, stock[some])}
        found.append({"name": name, "language": language, "messages": len(labels), **sides})
    return found


def costs(run: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, float]:
    """What a side took once trained: seconds to load the model and from its process's start, MB, milliseconds."""
    wall, used = (spread([float(line[name]) for line in lines]) for name in ("ms", "cpu_ms"))
    return {
        "load_s": round(run["load_s"], 2),
        "start_s": round(run["start_s"], 2),
        "memory_mb": run["memory_mb"],
        "memory_after_mb": run["memory_after_mb"],
        "median_ms": wall["median"],
        "p95_ms": wall["p95"],
        "median_cpu_ms": used["median"],
        "p95_cpu_ms": used["p95"],
    }


def trainings(records: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Several trainings as one: seconds add up, the memory of the largest counts."""
    taken = list(records)
    return {
        "training_s": round(sum(one["seconds"] for one in taken), 1),
        "training_cpu_s": round(sum(one["cpu_seconds"] for one in taken), 1),
        "training_peak_mb": max(one["peak_mb"] for one in taken),
    }


def pair(language: str, ours: Mapping[str, float], stock: Mapping[str, float]) -> dict[str, Any]:
    """Both sides' figures with their ratio, stock's in ours: 10 means that stock takes ten times as much."""
    ratio = {name: round(stock[name] / ours[name], 2) if ours[name] else None for name in ours}
    return {"language": language, "ours": ours, "stock": stock, "ratio": ratio}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The run as text."""
    told = [f"load average {result['load']}; stock's intents: {result['stock_intents']}"]
    if result["stock_epochs"] is not None:
        told.append(f"Stock learnt for {result['stock_epochs']} of 100 epochs: its answers and training say nothing.")
    for material in result["materials"]:
        told += ["", f"== {material['name']}: {material['topics']} topics, examples {material['examples']}"]
        for asked in material["asked"]:
            told += _asked_lines(asked)
        told += _cost_lines(material)
    told += [f"not measured, no files: {', '.join(result['anchors_absent'])}"] if result["anchors_absent"] else []
    return told


def _asked_lines(asked: Mapping[str, Any]) -> list[str]:
    told = [f"{asked['name']}, {asked['language']}: {asked['messages']} messages (ours | stock)"]
    first = [asked[side]["first"] for side in SIDES]
    told.append(f"  {'first topic right':28} {_shares(first)}")
    for key, title in TITLES.items():
        shares = [asked[side]["decided"]["shares"][key] for side in SIDES]
        if shares[0]["of"] and key != "false_notices":
            told.append(f"  {title:28} {_shares(shares)}")
    prices = [asked[side]["decided"]["price"]["mean"] for side in SIDES]
    return [*told, f"  {'mean price, points':28} {prices[0]} | {prices[1]}"]


def _shares(shares: Sequence[Mapping[str, Any]]) -> str:
    return " | ".join(
        f"{one['hits']:4}/{one['of']:<4} {one['share']:6.1%} [{one['low']:.1%}, {one['high']:.1%}]"
        if one["of"]
        else "-"
        for one in shares
    )


def _cost_lines(material: Mapping[str, Any]) -> list[str]:
    told = []
    for part in [material["training"], *material["costs"]]:
        told.append(f"what it takes, {part['language']} (ours | stock | stock/ours)")
        for name, ratio in part["ratio"].items():
            told.append(f"  {name:28} {part['ours'][name]:9} | {part['stock'][name]:9} | {ratio}")
    again = material["training_again"]
    told.append(f"ours, trained again with its vectors kept: {again['seconds']} s, {again['cpu_seconds']} processor s")
    return told
