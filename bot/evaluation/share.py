"""A share of something, with the interval that its count allows."""

import math
from dataclasses import dataclass
from typing import Any


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927, https://doi.org/10.2307/2276774), as (low, high) in 0..1."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Share:
    """`hits` of `of`."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    def document(self) -> dict[str, Any]:
        """{"hits", "of", "share", "low", "high"}; share is None where there was nothing to count."""
        low, high = wilson(self.hits, self.of)
        value = None if self.value is None else round(self.value, 4)
        return {"hits": self.hits, "of": self.of, "share": value, "low": round(low, 4), "high": round(high, 4)}
