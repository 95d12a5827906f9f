"""Ids: UUIDv7 inside (they sort by time), 128 random bits where a client sees them."""

import secrets
import uuid
from datetime import datetime


def uuid7(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, the rest random."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def secret_id() -> str:
    """128 random bits as 22 characters that are safe in URLs and in Telegram's 64-byte callback data."""
    return secrets.token_urlsafe(16)
