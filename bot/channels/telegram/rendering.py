"""A reply as Telegram shows it: who speaks, the text in parts that Telegram accepts, the buttons below the last."""

import unicodedata

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.updates import CHOSEN
from bot.core.message import Author, Button, OutgoingMessage
from bot.core.text import one_line
from bot.desk.words import Words

LONGEST = 4096  # UTF-16 code units in one message, as Telegram counts
LONGEST_DATA = 64  # bytes of callback data
LONGEST_TITLE = 60  # longer ones are cut by phones anyway
_BORDERS = ("\n\n", "\n", ". ", "? ", "! ", "; ", ", ", " ")


def parts(message: OutgoingMessage, words: Words) -> list[str]:
    """The texts to send, in order; empty for a message with nothing to read."""
    if not message.text.strip():
        return []
    head = []
    if message.divider:
        head.append(words.say("telegram_divider", message.language))
    if speaker := _speaker(message, words):
        head.append(words.say("telegram_speaker", message.language, who=speaker))
    return split("\n".join([*head, message.text.strip()]))


def _speaker(message: OutgoingMessage, words: Words) -> str | None:
    """Staff are named on every message, the assistant where it takes over again."""
    if message.author is Author.STAFF:
        return message.staff_name
    return (
        words.say("who_assistant", message.language) if message.divider and message.author is Author.ASSISTANT else None
    )


def split(text: str, limit: int = LONGEST) -> list[str]:
    """`text` in parts of at most `limit` UTF-16 units, at a paragraph, line, sentence or word where there is one."""
    found, rest = [], text.strip()
    while utf16_length(rest) > limit:
        place = _place(rest, _longest_prefix(rest, limit))
        found.append(rest[:place].rstrip())
        rest = rest[place:].lstrip()
    return [part for part in (*found, rest) if part]


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def _longest_prefix(text: str, limit: int) -> int:
    """How many characters of `text` fit into `limit` units."""
    units = 0
    for place, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > limit:
            return place
    return len(text)


def _place(text: str, most: int) -> int:
    """Where to cut: after the last border in the last two thirds of what fits, else not inside a character."""
    for border in _BORDERS:
        blanks = len(border) - len(border.rstrip())  # may stand beyond the limit: they are stripped
        found = text.rfind(border, most // 3, most + blanks)
        if found > 0:
            return found + len(border)
    place = most
    while (
        place > most - 32
        and place > 1
        and (unicodedata.combining(text[place]) or "\u200d" in text[place - 1 : place + 1])
    ):
        place -= 1
    return place


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """One button a row, so that titles are readable on a phone; None where there are none."""
    rows = [
        [InlineKeyboardButton(one_line(button.title, LONGEST_TITLE) or "…", callback_data=button.id)]
        for button in buttons
        if button.id and len(button.id.encode()) <= LONGEST_DATA
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def chosen(title: str | None) -> InlineKeyboardMarkup | None:
    """The keyboard after a choice: what was chosen, marked; none where its title is not known."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {title}"[:64], callback_data=CHOSEN)]]) if title else None
