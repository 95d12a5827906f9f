"""Whether a confidence means what it says: said 80 %, right in 80 of 100."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from bot.evaluation.share import Share
from bot.evaluation.verdict import AS_IT_SHOULD, Judged

BINS = 10
_DRAWS = 200
Pair = tuple[float, bool]


def reliability(judged: Iterable[Judged]) -> dict[str, Any]:
    """{"of", "error", "by_chance", "bins"}: `error` is the expected calibration error, mean |said - right| weighted by
    count; `by_chance` what it would come to, on average, if every confidence were exactly right: few messages never
    match.

    A confidence is that of the first topic: the one answered, or the first offered. Where neither was, or the phrase
    gate answered, nothing can be compared. Each bin: {"low", "high", "said", "right": share}; empty ones are left out.
    """
    pairs = [pair for one in judged if (pair := _said_and_right(one))]
    bins = [_bin(place, pairs) for place in range(BINS)]
    return {
        "of": len(pairs),
        "error": round(_error(pairs), 4) if pairs else None,
        "by_chance": round(_by_chance(pairs), 4) if pairs else None,
        "bins": [one for one in bins if one],
    }


def _error(pairs: Sequence[Pair]) -> float:
    gaps = [0.0] * BINS
    for said, is_right in pairs:
        gaps[_place(said)] += said - is_right
    return sum(map(abs, gaps)) / len(pairs)


def _by_chance(pairs: Sequence[Pair]) -> float:
    drawn = random.Random(0)  # noqa: S311 (a simulation: the same report each time)
    errors = [_error([(said, drawn.random() < said) for said, _ in pairs]) for _ in range(_DRAWS)]
    return sum(errors) / len(errors)


def _said_and_right(one: Judged) -> Pair | None:
    said = one.answer["confidence"]
    if said is None:
        return None
    if one.answer["topic"]:
        return float(said), one.verdict in AS_IT_SHOULD
    if one.answer["choices"]:
        return float(said), one.answer["choices"][0] in one.label.acceptable
    return None


def _place(said: float) -> int:
    return min(int(said * BINS), BINS - 1)


def _bin(place: int, pairs: Sequence[Pair]) -> dict[str, Any] | None:
    within = [pair for pair in pairs if _place(pair[0]) == place]
    if not within:
        return None
    said = sum(value for value, _ in within) / len(within)
    right = Share(sum(is_right for _, is_right in within), len(within))
    return {"low": place / BINS, "high": (place + 1) / BINS, "said": round(said, 4), "right": right.document()}
