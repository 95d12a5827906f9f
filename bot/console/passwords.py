"""Passwords: argon2id in worker threads, a few at a time, so that tries cost the attacker and not the desk."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.core.refused import Unavailable
from bot.core.sign_in import normal


class Passwords:
    """Hashes and verifies. argon2-cffi's defaults are RFC 9106's second choice: 64 MiB and 3 passes, about 0.1 s."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = 2, most_waiting: int = 40) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(at_once)
        self._waiting, self._most = 0, most_waiting
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Unavailable when too many wait already."""
        return await self._in_turn(normal(password))

    async def verify(self, stored: str | None, password: str, *, most: int) -> bool:
        """True when `password` is the one of `stored`. No account (None) and a longer one than `most` take part of a
        hash as well or none at all, but never depending on whether the account exists. Raises Unavailable as above."""
        if len(password) > most:
            return False
        if self._nobody is None:
            self._nobody = await self._in_turn("nobody's password")
        matches = await self._in_turn(normal(password), stored or self._nobody)
        return bool(matches) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """True when the cost was raised since `stored` was made."""
        return self._hasher.check_needs_rehash(stored)

    async def _in_turn(self, password: str, stored: str | None = None) -> str:
        if self._waiting >= self._most:
            raise Unavailable("Too many people are signing in at the moment.")
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(self._work, password, stored)
        finally:
            self._waiting -= 1

    def _work(self, password: str, stored: str | None) -> str:
        """The hash; with `stored`, "yes" or "" for whether it matches."""
        if stored is None:
            return self._hasher.hash(password)
        try:
            self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return ""
        return "yes"
