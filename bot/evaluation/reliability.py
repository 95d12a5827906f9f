"""Whether a confidence means what it says: said 80 %, right in 80 of 100."""

from collections.abc import Iterable
from typing import Any

from bot.evaluation.share import Share
from bot.evaluation.verdict import AS_IT_SHOULD, Judged

BINS = 10


def reliability(judged: Iterable[Judged]) -> dict[str, Any]:
    """{"of", "error", "bins"}: `error` is the expected calibration error, mean |said - right| weighted by count.

    A confidence is that of the first topic: the one answered, or the first offered. Where neither was, or the phrase
    gate answered, nothing can be compared. Each bin: {"low", "high", "said", "right": share}; empty ones are left out.
    """
    pairs = [pair for one in judged if (pair := _said_and_right(one))]
    bins = [_bin(place, pairs) for place in range(BINS)]
    found = [one for one in bins if one]
    gaps = sum(abs(one["said"] - one["right"]["share"]) * one["right"]["of"] for one in found)
    return {"of": len(pairs), "error": round(gaps / len(pairs), 4) if pairs else None, "bins": found}


def _said_and_right(one: Judged) -> tuple[float, bool] | None:
    said = one.answer["confidence"]
    if said is None:
        return None
    if one.answer["topic"]:
        return float(said), one.verdict in AS_IT_SHOULD
    if one.answer["choices"]:
        return float(said), one.answer["choices"][0] in one.label.acceptable
    return None


def _bin(place: int, pairs: list[tuple[float, bool]]) -> dict[str, Any] | None:
    within = [pair for pair in pairs if min(int(pair[0] * BINS), BINS - 1) == place]
    if not within:
        return None
    said = sum(value for value, _ in within) / len(within)
    right = Share(sum(is_right for _, is_right in within), len(within))
    return {"low": place / BINS, "high": (place + 1) / BINS, "said": round(said, 4), "right": right.document()}
