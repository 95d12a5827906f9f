"""How many live connections there may be, in all and from one address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """Counts what is open. `most` in all, `most_of_one` from one address."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._taken: Counter[str] = Counter()

    def has_room(self, address: str) -> bool:
        return self._taken.total() < self._most and self._taken[address] < self._most_of_one

    @contextmanager
    def taken(self, address: str) -> Iterator[None]:
        """One place, given back at the end."""
        self._taken[address] += 1
        try:
            yield
        finally:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]
