"""Live updates: who watches a conversation or the queue hears at once that it changed, and reads it again."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType

QUEUE = "queue"


class Watch:
    """A subscription, used as a context manager. Holds no content: only which kinds of thing changed."""

    def __init__(self, leave: Callable[["Watch"], None]) -> None:
        self._leave, self._kinds, self._event = leave, set[str](), asyncio.Event()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(self)

    def tell(self, kind: str) -> None:
        self._kinds.add(kind)
        self._event.set()

    async def changed(self, timeout: float | None = None) -> set[str]:
        """What changed since the last call; waits for something, at most `timeout` seconds. Empty on timeout."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return set()
        kinds, self._kinds = self._kinds, set()
        self._event.clear()
        return kinds


class Watches:
    """All subscriptions of this desk. `relay` passes news on to other desks on the same database."""

    def __init__(self) -> None:
        self._watches: dict[str, set[Watch]] = defaultdict(set)
        self.relay: Callable[[str, str], None] = lambda key, kind: None

    def watch(self, key: str) -> Watch:
        watch = Watch(lambda leaving: self._left(key, leaving))
        self._watches[key].add(watch)
        return watch

    def publish(self, key: str, kind: str) -> None:
        """Tell this desk's watchers of `key`, and the other desks."""
        self.tell(key, kind)
        self.relay(key, kind)

    def tell(self, key: str, kind: str) -> None:
        for watch in list(self._watches.get(key, ())):
            watch.tell(kind)

    def count(self) -> int:
        return sum(map(len, self._watches.values()))

    def _left(self, key: str, watch: Watch) -> None:
        self._watches[key].discard(watch)
        if not self._watches[key]:
            del self._watches[key]
