"""Which updates may still be on their way: Telegram's webhook brings them in any order, at several connections."""

import time
from collections.abc import Callable


class Gaps:
    """A missing update is waited for `patience` seconds from the first later one on; then it is not coming soon.

    After a start nothing is known, so everything may be missing for as long.
    """

    def __init__(self, patience: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.patience, self.clock = patience, clock
        self._through: int | None = None
        self._later: dict[int, float] = {}

    def is_next(self, update_id: int) -> bool:
        """True when no update before `update_id` is missing."""
        self._give_up()
        return self._through is not None and update_id <= self._through + 1

    def stored(self, update_id: int) -> None:
        """`update_id` is committed."""
        self._give_up()
        if self._through is None or update_id > self._through:
            self._later.setdefault(update_id, self.clock())
        self._close()

    def _give_up(self) -> None:
        overdue = [one for one, at in self._later.items() if self.clock() - at > self.patience]
        if overdue:
            self._through = max(overdue)
            self._close()

    def _close(self) -> None:
        if self._through is None:
            return
        while self._through + 1 in self._later:
            self._through += 1
        through = self._through
        self._later = {one: at for one, at in self._later.items() if one > through}
