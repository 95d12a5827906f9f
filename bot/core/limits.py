"""Rate limits with counters that cost the same however many messages there were."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass
class Bucket:
    """A token bucket: `burst` at once, `per_second` in the long run. Times are seconds of any steady clock."""

    burst: float
    per_second: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.per_second)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Buckets:
    """One bucket a key; the least recently used are forgotten, so that memory is bounded."""

    def __init__(self, *, burst: int, per_minute: float, most: int = 50_000) -> None:
        self.burst, self.per_second, self.most = burst, per_minute / 60, most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """True when `key` may go on at `now` (seconds)."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self.burst, self.per_second, self.burst, now)
            while len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take(now)
