"""When the dialogue starts afresh: its state grows with every turn, and an old matter must not answer for a new one."""

from datetime import datetime, timedelta


def is_stale(
    *, turns: int, last_at: datetime, now: datetime, form: str | None, most_turns: int, idle: timedelta
) -> bool:
    """True when a new turn must begin with a fresh state. Never inside a form: answers given are kept."""
    return form is None and (turns >= most_turns or now - last_at >= idle)
