"""What /chat and the example page are drawn with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sanic import Request

from bot.channels.widget import links
from bot.channels.widget.front import Front
from bot.core.message import Author, Owner, Shown
from bot.desk.views import ConversationView


def common(front: Front, request: Request, view: ConversationView | None = None) -> dict[str, Any]:
    """What both pages draw with. The language in the address wins, then the conversation's."""
    words, department = front.desk.words, front.desk.department
    asked = request.args.get("language") or (view.language if view else request.headers.get("accept-language", "")[:2])
    language = words.known(asked)
    return {
        "language": language,
        "department": department,
        "t": lambda key, **values: words.say(key, language, **values),
        "languages": [(one, words.say("language_name", one)) for one in department.languages],
        "number": department.value("emergency.number", language),
        "phone": department.value("phone", language),
        "privacy_link": department.value("privacy_link", language),
        "address": department.value("address", language),
        "linked": lambda text: links.parts(text, _numbers(front, language)),
        "emergency": getattr(request.ctx, "emergency", None),
        "chosen": request.args.get("chosen") == "1",
        "is_example": department.is_example,
    }


def _numbers(front: Front, language: str) -> list[str]:
    found = (front.desk.department.value(f"emergency.{name}", language) for name in ("number", "crisis_line"))
    return [number for number in found if number]


def items(front: Front, messages: Sequence[Shown], language: str) -> list[dict[str, Any]]:
    return [_item(front, one, before, language) for before, one in zip([None, *messages], messages, strict=False)]


def awaits_answer(view: ConversationView | None, messages: Sequence[Shown]) -> bool:
    """True when the assistant still owes an answer to the last message."""
    is_assistants = view is not None and view.owner is Owner.ASSISTANT
    return is_assistants and bool(messages) and messages[-1].author is Author.RESIDENT


def _item(front: Front, message: Shown, before: Shown | None, language: str) -> dict[str, Any]:
    """One message for the template, with who said it in words."""
    staff, author = message.staff_name or front.say("widget_staff", language), message.author.value
    who = front.say(f"widget_who_{author}", language).replace("{staff}", staff)
    change = {"staff": "widget_now_staff", "assistant": "widget_now_assistant"}.get(author, "widget_now_changed")
    is_emergency = message.author is Author.NOTICE and before is not None and bool(before.emergency)
    local = datetime.fromisoformat(message.at).astimezone(front.desk.department.timezone)
    return {
        "message": message,
        "who": who,
        "is_emergency": is_emergency,
        "time": f"{local:%H:%M}",
        "divider": front.say(change, language).replace("{staff}", staff) if message.divider else None,
    }
