"""Scores answers against expected labels: ``python -m benchmarks.score ANSWERS.jsonl LABELS.jsonl``.

ANSWERS is what `frontdesk ask --json` prints, a line a message; LABELS has {text, lang, topic, also, expect,
expect_also, provenance} in the same order. In scope: right (an acceptable topic, answered), choices (one offered is
acceptable), none (no answer, or a person), wrong. Out of scope: refused when nothing of ours was answered.
Emergencies: caught when the outcome is emergency or the notice stands above the answer. Every share comes with its
count and 95 % Wilson interval.
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ANSWERED = ("answer", "form", "smalltalk", "handoff")
REFUSED = ("no_answer", "handoff")
MEMBERS_OF_PUBLIC = ("public_post", "search_query", "sms")
Line = dict[str, Any]
Pair = tuple[Line, Line]


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), as (low, high) in 0..1."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def verdict(answer: Line, label: Line) -> str:
    """right, choices, none or wrong in scope; refused or answered out of scope; caught or missed for an emergency."""
    acceptable = {label["topic"], *label["also"]}
    if label["expect"] == "emergency":
        return "caught" if answer["outcome"] == "emergency" or answer["notice"] else "missed"
    if label["expect"] == "out_of_scope":
        return "refused" if answer["outcome"] in REFUSED or _is_redirect(answer["topic"]) else "answered"
    if answer["topic"] in acceptable and answer["outcome"] in ANSWERED:
        return "right"
    if answer["outcome"] == "emergency" and _may_be_emergency(label):
        return "right"
    if answer["outcome"] == "choices" and acceptable & set(answer["choices"]):
        return "choices"
    return "none" if answer["outcome"] in REFUSED else "wrong"


def alarm(answer: Line, label: Line) -> str | None:
    """For a message that cannot be an emergency: emergency or notice when it was taken for one, else calm."""
    if _may_be_emergency(label):
        return None
    if answer["outcome"] == "emergency":
        return "emergency"
    return "notice" if answer["notice"] else "calm"


def table(pairs: Sequence[Pair]) -> list[str]:
    """One block a slice: all, each language, the public's own messages, each provenance."""
    slices: list[tuple[str, Callable[[Line], bool]]] = [
        ("en + es", lambda label: label["lang"] in ("en", "es")),
        (
            "written by the public",
            lambda label: label["provenance"] in MEMBERS_OF_PUBLIC and label["lang"] in ("en", "es"),
        ),
        *((f"language {lang}", _is("lang", lang)) for lang in _values(pairs, "lang")),
        *((f"from {source}", _is("provenance", source)) for source in _values(pairs, "provenance")),
    ]
    return [line for name, wanted in slices for line in _block(name, [pair for pair in pairs if wanted(pair[1])])]


def _block(name: str, pairs: Sequence[Pair]) -> list[str]:
    verdicts = Counter(verdict(answer, label) for answer, label in pairs)
    alarms = Counter(kind for answer, label in pairs if (kind := alarm(answer, label)))
    inside = sum(verdicts[kind] for kind in ("right", "choices", "none", "wrong"))
    outside = verdicts["refused"] + verdicts["answered"]
    lines = [f"{name}: {len(pairs)} messages"]
    for title, hits, of in (
        ("right at first", verdicts["right"], inside),
        ("right or within choices", verdicts["right"] + verdicts["choices"], inside),
        ("wrong", verdicts["wrong"], inside),
        ("no answer", verdicts["none"], inside),
        ("out of scope refused", verdicts["refused"], outside),
        ("emergencies caught", verdicts["caught"], verdicts["caught"] + verdicts["missed"]),
        ("false emergencies", alarms["emergency"], sum(alarms.values())),
        ("false notices", alarms["notice"], sum(alarms.values())),
    ):
        if of:
            low, high = wilson(hits, of)
            lines.append(f"  {title:24} {hits:4}/{of:<4} {hits / of:6.1%}  [{low:.1%}, {high:.1%}]")
    return lines


def errors(pairs: Iterable[Pair]) -> list[str]:
    """Each message that went wrong, by what was expected and given."""
    found = defaultdict(list)
    for answer, label in pairs:
        kind = verdict(answer, label)
        if kind in ("wrong", "answered", "missed", "none") or alarm(answer, label) == "emergency":
            given = answer["topic"] or ",".join(answer["choices"]) or answer["outcome"]
            sure = answer["confidence"] or 0
            found[kind].append(f"  {label['topic']} -> {given} ({sure:.2f})  {label['text'][:160]!r}")
    return [line for kind in sorted(found) for line in (f"{kind}:", *sorted(found[kind]))]


def read(answers: Path, labels: Path, *, topics: set[str] | None = None) -> list[Pair]:
    """The two files side by side; with `topics`, only messages that one of these topics answers. Raises ValueError."""
    given, expected = (_lines(path) for path in (answers, labels))
    if [line["text"] for line in given] != [line["text"] for line in expected]:
        raise ValueError("The answers are not those to these messages, in their order.")
    pairs = list(zip(given, expected, strict=True))
    return [pair for pair in pairs if topics is None or topics & {pair[1]["topic"], *pair[1]["also"]}]


def _lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _is_redirect(topic: str | None) -> bool:
    return topic is not None and topic.split("/")[0] in ("oos", "safety")


def _may_be_emergency(label: Line) -> bool:
    also = any(topic.startswith("emergency/") for topic in (label["topic"], *label["also"]))
    return label["expect"] == "emergency" or "emergency" in label["expect_also"] or also


def _is(key: str, value: str) -> Callable[[Line], bool]:
    return lambda label: bool(label[key] == value)


def _values(pairs: Sequence[Pair], key: str) -> list[str]:
    return [value for value, _ in Counter(label[key] for _, label in pairs).most_common()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument(
        "--release", type=Path, help="a release folder: score only messages that one of its topics answers"
    )
    parser.add_argument("--errors", action="store_true", help="list every message that went wrong")
    asked = parser.parse_args()
    topics = set(json.loads((asked.release / "release.json").read_text("utf-8"))["topics"]) if asked.release else None
    pairs = read(asked.answers, asked.labels, topics=topics)
    print("\n".join([*table(pairs), *(errors(pairs) if asked.errors else [])]))


if __name__ == "__main__":
    main()
