"""What was taken for what: the worst pairs with their messages, and the whole as a table of groups."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from bot.core.decision import group_of
from bot.evaluation.verdict import AS_IT_SHOULD, PRICES, Judged, Verdict

Line = dict[str, Any]
WENT_WRONG = (Verdict.MISSED, Verdict.WRONG, Verdict.ANSWERED)
# A missed emergency stands above every wrong answer, however many there are of those.
_MISSED = 1000.0


def wrong_messages(judged: Iterable[Judged]) -> list[Line]:
    """Every message that went wrong or got no answer, missed emergencies first, then by topic."""
    order = {kind: place for place, kind in enumerate((*WENT_WRONG, Verdict.NONE))}
    found = [one for one in judged if one.verdict in order]
    found.sort(key=lambda one: (order[one.verdict], one.label.topic, one.given))
    return [_line(one) for one in found]


def worst(judged: Iterable[Judged], most: int = 20) -> list[Line]:
    """The dearest pairs (expected topic, given): [{"expected", "given", "price", "messages": [...]}]."""
    pairs: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        if one.verdict in WENT_WRONG:
            pairs[one.label.topic, one.given].append(one)
    prices = {pair: sum(PRICES.get(one.verdict, _MISSED) for one in members) for pair, members in pairs.items()}
    ordered = sorted(pairs, key=lambda pair: (-prices[pair], pair))[:most]
    return [
        {"expected": expected, "given": given, "messages": [_line(one) for one in pairs[expected, given]]}
        for expected, given in ordered
    ]


def matrix(judged: Sequence[Judged]) -> dict[str, Any]:
    """{"rows", "columns", "cells": row x column counts}: groups expected, groups given and what else was done.

    Anything as it should be counts on the diagonal, also where another topic was as right.
    """
    counts = Counter((group_of(one.label.topic), _column(one)) for one in judged)
    rows = sorted({row for row, _ in counts})
    columns = [*rows, *sorted({column for _, column in counts} - set(rows))]
    return {"rows": rows, "columns": columns, "cells": [[counts[row, column] for column in columns] for row in rows]}


def _column(one: Judged) -> str:
    return group_of(one.label.topic) if one.verdict in AS_IT_SHOULD else group_of(one.given)


def _line(one: Judged) -> Line:
    return {
        "text": one.label.text,
        "lang": one.label.lang,
        "provenance": one.label.provenance,
        "expected": one.label.topic,
        "given": one.given,
        "choices": list(one.answer["choices"]),
        "confidence": one.answer["confidence"],
        "verdict": one.verdict.value,
        "alarm": one.alarm,
    }
