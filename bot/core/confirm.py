"""Yes, no or change: what a resident answers when a form reads back what they entered."""

from enum import Enum

from bot.core.commands import plain


class Confirm(str, Enum):
    YES = "yes"
    NO = "no"
    CHANGE = "change"


_WORDS = {
    Confirm.YES: (
        "yes|y|yes please|yeah|yep|ok|okay|sure|send it|leave it|yes leave it|correct|right|"
        "si|si por favor|claro|vale|correcto|de acuerdo|enviar|dejarlo|si dejarlo"
    ),
    Confirm.NO: (
        "no|n|nope|no thanks|no thank you|do not|throw it away|no throw it away|discard|"
        "no gracias|borrarlo|no borrarlo|no enviar"
    ),
    Confirm.CHANGE: "change|change it|edit|fix it|cambiar|cambiarlo|cambialo|corregir|editar",
}
_MEANING = {plain(phrase): answer for answer, phrases in _WORDS.items() for phrase in phrases.split("|")}


def read_confirm(text: str) -> Confirm | None:
    """What `text` means as a whole, in English or Spanish, or None where it is neither yes, no nor change."""
    return _MEANING.get(plain(text))
