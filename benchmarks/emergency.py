"""How well and how fast the emergency gate reads: misses, false alarms, kinds, microseconds of processor time.

    python -m benchmarks.emergency            the figures
    python -m benchmarks.emergency --show     and every message that came out wrong
"""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.core.emergency import EmergencyGate, EmergencyMatch

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en", "es")
MESSAGES = ROOT / "tests/core/emergency_phrases.yml"


def load_gate() -> EmergencyGate:
    return EmergencyGate.from_data([read_yaml(ROOT / f"data/emergency/{language}.yml") for language in LANGUAGES])


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def messages(batch: dict[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """Language, expected kind (None for everyday) and text of each message of one batch."""
    for language, kinds in batch["emergencies"].items():
        for kind, texts in kinds.items():
            yield from ((language, kind, text) for text in texts)
    for language, texts in batch["everyday"].items():
        yield from ((language, None, text) for text in texts)


def outcome(expected: str | None, match: EmergencyMatch | None) -> str:
    if match is None:
        return "missed" if expected else "right"
    if not expected:
        return "false alarm" if match.certain else "false notice"
    return "right" if match.kind.value == expected else "other kind"


def report(name: str, batch: dict[str, Any], gate: EmergencyGate, *, show: bool) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    doubts = 0
    for language, expected, text in messages(batch):
        match = gate.check(text)
        came = outcome(expected, match)
        doubts += bool(expected and match and not match.certain)
        counts[language, expected or "everyday", came] += 1
        if show and came != "right":
            print(f"  {came:12} {expected or '-':18} {match.entry_id if match else '-':24} {text}")
    print(f"\n{name}: emergencies shown as a notice only: {doubts}")
    for language, group in sorted({key[:2] for key in counts}):
        found = {came: number for (*place, came), number in counts.items() if tuple(place) == (language, group)}
        print(f"  {language} {group:18} of {sum(found.values()):3}: {found}")


def speed(texts: list[str], gate: EmergencyGate) -> str:
    taken = []
    for text in texts * 5:
        began = time.process_time()  # not the wall clock: other work on the machine is not the gate's
        gate.check(text)
        taken.append((time.process_time() - began) * 1e6)
    return f"median {statistics.median(taken):.0f} µs, p95 {statistics.quantiles(taken, n=20)[-1]:.0f} µs"


def main() -> None:
    began = time.process_time()
    gate = load_gate()
    print(f"loaded in {time.process_time() - began:.2f} s")
    batches = read_yaml(MESSAGES)
    for name, batch in batches.items():
        report(name, batch, gate, show="--show" in sys.argv)
    texts = [text for batch in batches.values() for *_, text in messages(batch)]
    print(f"\nordinary messages: {speed(texts, gate)}")
    print(f"4,096 characters:  {speed([' '.join(texts)[start:start + 4096] for start in (0, 5000, 15000)], gate)}")
    for name, text in (("1,000,000 letters", "a" * 1_000_000), ("1,000,000 of 'help '", "help " * 200_000)):
        print(f"{name}: {speed([text], gate)}")


if __name__ == "__main__":
    main()
