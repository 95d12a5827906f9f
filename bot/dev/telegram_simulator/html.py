"""Telegram's HTML parse mode, as strict as Telegram is (https://core.telegram.org/bots/api#html-style)."""

import re
from html import unescape

from bot.dev.telegram_simulator.api_error import bad_request

TAGS = frozenset(
    (
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "span",
        "tg-spoiler",
        "a",
        "code",
        "pre",
        "blockquote",
        "tg-emoji",
    )
)
_TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)([^<>]*)(>?)")


def plain_text(markup: str) -> str:
    """`markup` without its tags. Raises ApiError where Telegram cannot parse the entities."""
    parts, opened, position = [], [], 0
    for tag in _TAG.finditer(markup):
        parts.append(unescape(markup[position : tag.start()]))
        position = tag.end()
        offset, name = len(markup[: tag.start()].encode()), tag[2].lower()
        if not tag[4]:
            raise bad_request(f"can't parse entities: Unclosed start tag at byte offset {offset}")
        if not tag[1]:
            if name not in TAGS:
                raise bad_request(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
            opened.append(name)
        elif not opened:
            raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        elif opened.pop() != name:
            raise bad_request(f"can't parse entities: Unmatched end tag at byte offset {offset}")
    if opened:
        raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{opened[-1]}\"")
    return "".join([*parts, unescape(markup[position:])])
