"""Medians and 95th percentiles."""

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float]) -> dict[str, float]:
    """n, median and 95th percentile of one value or more, rounded to a hundredth."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"n": len(ordered), "median": round(statistics.median(ordered), 2), "p95": round(high, 2)}
