"""What every part of the desk is given: the database, the words, the clock, the settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.commands import Commands
from bot.desk.watch import Watches
from bot.desk.words import Words
from bot.settings import Settings
from bot.store.cipher import Cipher
from bot.store.db import Database

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Parts:
    """Shared by inbox, turns, outbox and handoffs. `pushed` names the channels that deliver replies themselves."""

    settings: Settings
    db: Database
    words: Words
    commands: Commands
    cipher: Cipher
    clock: Clock = utc_now
    watches: Watches = field(default_factory=Watches)
    pushed: set[str] = field(default_factory=set)
