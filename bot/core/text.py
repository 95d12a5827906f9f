"""Residents' text made safe to store: the same on SQLite and PostgreSQL, and no character that breaks a program."""

import unicodedata

_KEPT = {"\n", "\t"}


def clean(text: str) -> str:
    """`text` without lone surrogates, NUL and other control characters, in NFC, ends stripped. Never raises."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", text).strip()


def is_empty(text: str) -> bool:
    """True where nothing can be read: blanks, zero-width characters, emoji or marks alone."""
    return not any(unicodedata.category(c)[0] in "LN" for c in text)


def one_line(text: str, limit: int) -> str:
    """`text` on one line, cut at `limit` characters with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"
