"""What a resident's screen is drawn from, read inside a transaction of the caller's."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.handoff import HandoffStatus
from bot.core.message import Owner, Shown
from bot.desk.replies import shown
from bot.desk.views import ConversationView
from bot.store import conversations, handoffs, messages

_NOT_SHOWN = {"edit", "ignored"}


async def conversation(tx: AsyncConnection, chat_key: str) -> ConversationView | None:
    """The conversation of `chat_key`; who answers it and, while it waits, its place in line."""
    row = await conversations.by_key(tx, chat_key)
    if row is None:
        return None
    waiting = None if row["owner"] == "assistant" else await handoffs.open_of(tx, row["id"])
    is_waiting = waiting is not None and waiting.status is HandoffStatus.WAITING
    position = await handoffs.position(tx, waiting) if waiting and is_waiting else None
    name = await handoffs.staff_name(tx, waiting) if waiting and not is_waiting else None
    return ConversationView(
        row["id"], row["channel"], row["language"], row["language_chosen"], Owner(row["owner"]), name, position
    )


async def transcript(tx: AsyncConnection, conversation_id: str, after: int) -> list[Shown]:
    """What the screen shows, in order, after place `after`."""
    rows = await messages.since(tx, conversation_id, after)
    return [shown(row) for row in rows if row["kind"] not in _NOT_SHOWN]
