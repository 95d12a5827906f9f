"""A conversation as staff see it: every line with who, when, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.message import Author, DeliveryState, Kind
from bot.store import messages

PAGE = 500
NOTED_DELIVERIES = {DeliveryState.WAITING.value, DeliveryState.FAILED.value, DeliveryState.UNKNOWN.value}


@dataclass(frozen=True)
class Line:
    """One message. `note` and `delivery` name texts (console_kind_*, console_delivery_*), None where there is none."""

    id: str
    seq: int
    author: str
    staff_id: str | None
    staff_name: str | None
    text: str
    at: str
    note: str | None = None
    extra: str = ""
    delivery: str | None = None
    is_emergency: bool = False
    divider: bool = False
    buttons: tuple[str, ...] = field(default=())


async def read(tx: AsyncConnection, conversation_id: str) -> list[Line]:
    """Every line of the conversation, in order."""
    lines: list[Line] = []
    while True:
        rows = await messages.since(tx, conversation_id, lines[-1].seq if lines else 0, PAGE)
        notices = emergency_notices(rows)
        lines += [line(row, is_notice=row["id"] in notices) for row in rows]
        if len(rows) < PAGE:
            return lines


def emergency_notices(rows: Sequence[RowMapping]) -> set[str]:
    """The ids of the notices that were said because of emergencies: the last of those stored together with one."""
    about = {row["id"] for row in rows if row["emergency"]}
    said: dict[str, RowMapping] = {}
    for row in rows:
        if row["author"] == Author.NOTICE.value and row["answers"] in about:
            earlier = said.get(row["answers"])
            if earlier is None or earlier["at"] == row["at"]:
                said[row["answers"]] = row
    return {row["id"] for row in said.values()}


def line(row: RowMapping | Mapping[str, Any], *, is_notice: bool = False) -> Line:
    payload: Mapping[str, Any] = row["payload"] or {}
    delivery = row["delivery"] if row["delivery"] in NOTED_DELIVERIES or row["delivery"] == "sending" else None
    return Line(
        id=row["id"], seq=row["ord"], author=row["author"], staff_id=row["staff_id"], staff_name=row["staff_name"],
        text=row["body"], at=row["at"].isoformat(), note=_note(row), extra=str(payload.get("unsupported") or ""),
        delivery="waiting" if delivery == "sending" else delivery, is_emergency=bool(row["emergency"]) or is_notice,
        divider=row["divider"], buttons=_titles(payload.get("buttons") or ()))


def _note(row: RowMapping | Mapping[str, Any]) -> str | None:
    if row["author"] != Author.RESIDENT.value or row["kind"] == Kind.TEXT.value:
        return None
    return str(row["kind"])


def _titles(buttons: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(button["title"]) for button in buttons)
