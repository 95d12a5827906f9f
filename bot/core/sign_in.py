"""Who may sign in, and for how long: throttling, the life of a session, passwords, and where a request came from."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.core.limits import Buckets
from bot.core.refused import Refused

LEAST_CHARACTERS = 15
"""A password that is the only factor has 15 characters or more:
https://pages.nist.gov/800-63-4/sp800-63b.html, section 3.1.1.2."""
LEAST_DIFFERENT = 6
LOOPBACK = ("127.0.0.1", "localhost", "::1")
COOKIE = "__Host-frontdesk-staff"
LOOPBACK_COOKIE = "frontdesk-staff-loopback"
PROBE_COOKIE = "__Host-frontdesk-probe"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True)
class Tries:
    """How often sign-in to one account failed in a row, and until when it waits."""

    failed: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


def after_failure(tries: Tries, *, now: datetime, most: int, wait: timedelta) -> Tries:
    """One more failed try; at `most` the account waits. A try while it waits changes nothing."""
    if tries.is_locked(now):
        return tries
    failed = tries.failed + 1
    return Tries(0, now + wait) if failed >= most else replace(tries, failed=failed, locked_until=None)


class AddressTries(Buckets):
    """Failed sign-ins of one network address. A try is taken before the password is looked at,
    and given back when it was right."""

    def give_back(self, key: str) -> None:
        bucket = self._buckets.get(key)
        if bucket is not None:
            bucket.tokens = min(bucket.burst, bucket.tokens + 1)


def is_session_over(
    *, created_at: datetime, last_seen_at: datetime, now: datetime, idle: timedelta, longest: timedelta
) -> bool:
    """True when staff must sign in again: too long idle (CJIS: 30 minutes) or signed in too long in any case."""
    return now - last_seen_at >= idle or now - created_at >= longest


def username(text: str) -> str:
    """The username as it is stored. Raises Refused where it is not one."""
    name = normal(text).strip().lower()
    if not _USERNAME.fullmatch(name):
        raise Refused("A username has 2 to 32 letters, digits, dots, dashes or underscores.", code="bad_username")
    return name


def shown_name(text: str) -> str:
    """The name residents read. Raises Refused when nothing is left of it."""
    one_line = " ".join(normal(text).split())
    name = "".join(c for c in one_line if unicodedata.category(c)[0] != "C")
    if not 1 <= len(name) <= 60 or not any(c.isalpha() for c in name):
        raise Refused("Write the name residents will see, up to 60 characters.", code="bad_name")
    return name


def new_password(text: str, *, most: int, not_containing: Sequence[str] = ()) -> str:
    """The password as it is hashed. Raises Refused when it is too short, too long, or easy to guess."""
    if len(text) > most:
        raise Refused("This password is too long.", code="password_long")
    password = normal(text)
    if len(password) < LEAST_CHARACTERS:
        raise Refused("A password has 15 characters or more. A few words make a good one.", code="password_short")
    if _is_easy(password.casefold(), [word.casefold() for word in not_containing]):
        raise Refused("This password is easy to guess. Use words that do not belong together.", code="password_easy")
    return password


def normal(text: str) -> str:
    """`text` in NFKC, so that a password typed on another keyboard is the same; lone surrogates replaced."""
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8"))


def is_same_origin(*, origin: str | None, fetch_site: str | None, host: str, address: str) -> bool:
    """True when a request that changes something came from our own pages.

    `host` is the request's Host header, `address` the desk's public address. Browsers send Origin with every POST and
    WebSocket; a page with a strict referrer policy sends "null", and then Sec-Fetch-Site decides, which no script sets.
    """
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    if origin is None or origin == "null":
        return fetch_site == "same-origin"
    try:
        return urlsplit(origin).netloc == host or origin == address
    except ValueError:
        return False


def is_plain_loopback(*, scheme: str, host: str, address: str) -> bool:
    """True for http on this machine only, where not every browser keeps a Secure cookie."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return scheme in {"http", "ws"} and name in LOOPBACK and not address.startswith("https:")


def _is_easy(password: str, words: Sequence[str]) -> bool:
    letters = "".join(c for c in password if c.isalnum())
    rows = ("qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890123456789")
    in_a_row = any(letters and (letters in row * 2 or letters in (row * 2)[::-1]) for row in rows)
    left = password
    for word in sorted((word for word in words if len(word) >= 3), key=len, reverse=True):
        left = left.replace(word, "")
    return in_a_row or len(set(letters)) < LEAST_DIFFERENT or len(left) < LEAST_CHARACTERS - 7 or _repeats(letters)


def _repeats(text: str) -> bool:
    """True where `text` is one piece of up to 8 characters over and over: "passwordpassword"."""
    return any(len(text) > size and (text[:size] * len(text))[: len(text)] == text for size in range(1, 9))
