"""Deleting what a resident asks us to delete: words and dialogue go, the bare fact of a message stays."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import button, conversation, handoff, message, turn


async def conversation_texts(tx: AsyncConnection, conversation_id: str, placeholder: str) -> None:
    """Remove every text, turn, button and draft of a conversation. Left messages are the unit's and stay."""
    mine = select(message.c.id).where(message.c.conversation_id == conversation_id, message.c.state != "waiting")
    await tx.execute(
        update(message).where(message.c.id.in_(mine)).values(body=placeholder, payload=None, staff_name=None)
    )
    await tx.execute(delete(turn).where(turn.c.conversation_id == conversation_id))
    await tx.execute(delete(button).where(button.c.conversation_id == conversation_id))
    await tx.execute(update(handoff).where(handoff.c.conversation_id == conversation_id).values(summary=""))
    await tx.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id)
        .values(state=None, state_turns=0, form=None, draft=None)
    )
