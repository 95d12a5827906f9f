"""Where an emergency goes when the database does not answer: a file, read in later."""

import contextlib
import json
import os
from collections import OrderedDict
from dataclasses import asdict
from pathlib import Path

from bot.core.message import IncomingMessage, Kind


class Spool:
    """An append-only file of messages, one JSON object a line, mode 0600, each line on disk before it counts.

    `noticed` remembers, by (channel, external id), whom the notice reached directly, so that a redelivery or the
    later reading-in does not say it again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._noticed: OrderedDict[tuple[str, str], None] = OrderedDict()
        for message in _lines(self.path) + _lines(self._taken):
            self.mark(message)

    def mark(self, message: IncomingMessage) -> None:
        self._noticed[message.channel, message.external_id] = None
        while len(self._noticed) > 10_000:
            self._noticed.popitem(last=False)

    def was_noticed(self, message: IncomingMessage) -> bool:
        return (message.channel, message.external_id) in self._noticed

    def append(self, message: IncomingMessage) -> None:
        """Keep `message`; returns when it is on disk."""
        line = json.dumps(asdict(message), ensure_ascii=True) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def take(self) -> list[IncomingMessage]:
        """What is to be read in. New lines go to a new file meanwhile; `clear` when all are stored."""
        if self.path.exists() and not self._taken.exists():
            self.path.rename(self._taken)
        return _lines(self._taken)

    def clear(self) -> None:
        """Everything that was taken is stored."""
        self._taken.unlink(missing_ok=True)

    @property
    def _taken(self) -> Path:
        return self.path.with_suffix(".taken")


def _lines(path: Path) -> list[IncomingMessage]:
    """A file's messages; a last line that was cut short by a power failure is passed over."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        with contextlib.suppress(json.JSONDecodeError):
            fields = json.loads(line)
            found.append(IncomingMessage(**{**fields, "kind": Kind(fields["kind"])}))
    return found
