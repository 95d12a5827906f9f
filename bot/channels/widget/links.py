"""Addresses and telephone numbers in a text as links, for pages made here; frontend/widget/linkify.ts does the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

ADDRESS = r"https://[^\s<>\"'()\[\]{}]+"
PHONE = r"(?<![\w-])(?:\+?1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])?\d{3}[.-]\d{4}(?![\w-])"
HOST = re.compile(r"[a-z0-9.-]+(:\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    text: str
    href: str | None = None


def parts(text: str, numbers: Sequence[str]) -> Iterator[Part]:
    """`text` in pieces. Only plain https addresses and numbers to call carry an `href`; `numbers`: short ones (911)."""
    start = 0
    for match in _pattern(numbers).finditer(text):
        found = match.group().rstrip(".,;:!?…") if match.group().startswith("https:") else match.group()
        if (href := _href(found)) is None:
            continue
        if match.start() > start:
            yield Part(text[start : match.start()])
        yield Part(found, href)
        start = match.start() + len(found)
    if start < len(text):
        yield Part(text[start:])


def _pattern(numbers: Sequence[str]) -> re.Pattern[str]:
    short = "|".join(number for number in numbers if re.fullmatch(r"\d{2,6}", number, re.ASCII))
    own = rf"|(?<![\w.,$-])(?:{short})(?![\w-]|[.,]\d)" if short else ""
    return re.compile(f"{ADDRESS}|{PHONE}{own}", re.ASCII)


def _href(found: str) -> str | None:
    """None for an address that serves to look like another: a name before an @, letters outside ASCII, punycode."""
    if not found.startswith("https:"):
        return "tel:" + re.sub(r"[^\d+]", "", found)
    host = urlsplit(found).netloc
    return found if HOST.fullmatch(host) and "xn--" not in host.lower() else None
