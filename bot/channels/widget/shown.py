"""What the desk knows as the JSON that the widget reads (frontend/widget/wire.ts)."""

from typing import Any

from bot.core.message import Shown
from bot.desk.views import ConversationView


def message(shown: Shown) -> dict[str, Any]:
    """A message without its inner id: a resident's screen needs the sequence number alone."""
    return {
        "seq": shown.seq,
        "author": shown.author.value,
        "text": shown.text,
        "at": shown.at,
        "staff_name": shown.staff_name,
        "divider": shown.divider,
        "client_id": shown.client_id,
        "buttons": [{"id": button.id, "title": button.title} for button in shown.buttons],
        "emergency": shown.emergency,
    }


def standing(view: ConversationView) -> dict[str, Any]:
    """Who answers the conversation, and the place in line where one waits for a person."""
    return {"owner": view.owner.value, "staff_name": view.staff_name, "position": view.position}


def typing(who: str | None) -> dict[str, Any]:
    """`who` as the desk tells it: "assistant", a staff member's name, or None."""
    if who is None or who == "assistant":
        return {"who": who, "name": None}
    return {"who": "staff", "name": who}
