"""The figures of a run and the lines it ends with."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Figures = dict[str, float]
# Issue: a third of stock Rasa's time a turn; memory in MB; seconds to ready.
AIMS = {"ratio": 1 / 3, "desk_mb": 150.0, "engine_mb": 600.0, "desk_s": 3.0, "engine_s": 6.0}


def per_turn(before: Mapping[str, float], after: Mapping[str, float], turns: int) -> Figures:
    """Processor milliseconds a turn; unlike times by the clock they hardly depend on what else the machine does."""
    return {name: round((after[name] - before[name]) * 1000 / turns, 2) for name in after}


def middle(starts: Sequence[Mapping[str, float]]) -> Figures:
    """The median over several starts, name by name."""
    return {name: round(statistics.median(one[name] for one in starts), 2) for name in starts[0]}


def verdicts(result: Mapping[str, Any]) -> list[tuple[str, float, float, bool]]:
    """What each aim came to: (name, figure, aim, met)."""
    memory, ready = result["memory_mb"], result["ready_s"]
    peak = {name: max(step["ours"][name] for step in memory.values()) for name in ("desk", "engine")}
    found = [
        ("turn, ours / stock, median", result["ratio"]["question"], AIMS["ratio"]),
        ("form turn, ours / stock, median", result["ratio"]["form"], AIMS["ratio"]),
        ("desk memory, MB", peak["desk"], AIMS["desk_mb"]),
        ("engine memory, MB", peak["engine"], AIMS["engine_mb"]),
        ("desk ready, s", ready["ours"]["desk"], AIMS["desk_s"]),
        ("engine ready, s", ready["ours"]["engine"], AIMS["engine_s"]),
    ]
    return [(name, figure, round(aim, 3), figure <= aim) for name, figure, aim in found]


def lines(result: Mapping[str, Any]) -> list[str]:
    """The report as text."""
    told = [f"{result['topics']} topics x {result['examples']} examples, load average {result['load']}"]
    for kind, sides in result["turns_ms"].items():
        told += [f"{kind}: " + ", ".join(_spread(name, one) for name, one in sides.items() if name != "stock")]
        told += [f"{kind}: " + _spread("stock", sides["stock"])]
    right = result["right"]
    told += [f"right topic: ours {right['ours']}, stock {right['stock']} of {right['of']}"]
    told += [f"processor, ms a turn: {result['cpu_ms_per_turn']}"]
    told += [f"memory, {step}: {sides}" for step, sides in result["memory_mb"].items()]
    told += [f"ready, seconds: {result['ready_s']}", f"training, seconds: {result['training_s']}"]
    told += [
        f"{'met    ' if met else 'NOT MET'} {name}: {figure} (aim {aim})"
        for name, figure, aim, met in verdicts(result)
    ]
    return told


def _spread(name: str, one: Mapping[str, float]) -> str:
    return f"{name} {one['median']}/{one['p95']} ms"
