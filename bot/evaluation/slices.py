"""The figures of some of the messages: all of them, those of one language, one topic, one provenance."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from bot.evaluation.share import Share
from bot.evaluation.verdict import IN_SCOPE, PRICES, Judged, Verdict

# Written by members of the public, and not for a bot: the most honest figures.
PUBLIC = ("public_post", "search_query", "sms")
TITLES = {
    "right": "right at first answer",
    "within": "right or within the choices",
    "wrong": "wrong answers",
    "none": "no answer",
    "refused": "out of scope refused",
    "caught": "emergencies caught",
    "false_emergencies": "false emergencies",
    "false_notices": "false notices",
}


def slice_of(name: str, judged: Sequence[Judged]) -> dict[str, Any]:
    """{"name", "messages", "shares": key -> share, "missed_choices", "price"}; keys: TITLES."""
    counts = Counter(one.verdict for one in judged)
    alarms = Counter(one.alarm for one in judged if one.alarm)
    inside, calm = sum(counts[kind] for kind in IN_SCOPE), sum(alarms.values())
    shares = {
        "right": Share(counts[Verdict.RIGHT], inside),
        "within": Share(counts[Verdict.RIGHT] + counts[Verdict.CHOICES], inside),
        "wrong": Share(counts[Verdict.WRONG], inside),
        "none": Share(counts[Verdict.NONE], inside),
        "refused": Share(counts[Verdict.REFUSED], counts[Verdict.REFUSED] + counts[Verdict.ANSWERED]),
        "caught": Share(counts[Verdict.CAUGHT], counts[Verdict.CAUGHT] + counts[Verdict.MISSED]),
        "false_emergencies": Share(alarms["emergency"], calm),
        "false_notices": Share(alarms["notice"], calm),
    }
    return {
        "name": name,
        "messages": len(judged),
        "shares": {key: share.document() for key, share in shares.items()},
        "missed_choices": sum(one.verdict is Verdict.WRONG and one.answer["outcome"] == "choices" for one in judged),
        "price": mean_price(judged),
    }


def mean_price(judged: Iterable[Judged]) -> dict[str, float | int | None]:
    """{"mean", "low", "high", "of"}: points a message, with the 95 % interval of the mean; emergencies have none."""
    paid = [PRICES[one.verdict] for one in judged if one.verdict in PRICES]
    if not paid:
        return {"mean": None, "low": None, "high": None, "of": 0}
    mean = statistics.fmean(paid)
    half = 1.96 * statistics.stdev(paid) / math.sqrt(len(paid)) if len(paid) > 1 else 0.0
    return {
        "mean": round(mean, 3),
        "low": round(max(0.0, mean - half), 3),
        "high": round(mean + half, 3),
        "of": len(paid),
    }


def main_slices(judged: Sequence[Judged], *, taught: Collection[str]) -> list[dict[str, Any]]:
    """All; what the public wrote by itself; what no example holds. The last two only where they are a part of all."""
    parts = {
        "written by the public": [one for one in judged if one.label.provenance in PUBLIC],
        "in no topic's examples": [one for one in judged if one.label.text not in taught],
    }
    some = [slice_of(name, part) for name, part in parts.items() if 0 < len(part) < len(judged)]
    return [slice_of("all messages", judged), *some]


def by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> list[dict[str, Any]]:
    """A slice for each value of `key`, the largest first."""
    values = [value for value, _ in Counter(key(one) for one in judged).most_common()]
    return [slice_of(value, [one for one in judged if key(one) == value]) for value in values]
