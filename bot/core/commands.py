"""Commands: words that work in every state, inside forms, and without the engine. The words are data, per language."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

NAMES = (
    "start",
    "help",
    "human",
    "assistant",
    "stop",
    "language",
    "mydata",
    "delete_data",
    "confirm_delete",
    "keep_data",
)
_NOT_WORDS = re.compile(r"[^\w\s]|_")


@dataclass(frozen=True)
class Command:
    """A command a resident gave; `language` is the language of the words they used, None for a pressed button."""

    name: str
    argument: str = ""
    language: str | None = None


class Commands:
    """Finds commands in text: ``/name`` anywhere at the start, and whole messages that are one of the phrases."""

    def __init__(self, slashes: Mapping[str, Command], phrases: Mapping[str, Command]) -> None:
        self._slashes, self._phrases = slashes, phrases

    @classmethod
    def from_data(cls, documents: Sequence[Mapping[str, Any]]) -> "Commands":
        """`documents` are the parsed files of data/commands. Raises ValueError for a command that does not exist."""
        slashes: dict[str, Command] = {}
        phrases: dict[str, Command] = {}
        for document in documents:
            language = document["language"]
            for name, words in document["commands"].items():
                if name not in NAMES:
                    raise ValueError(f"data/commands/{language}.yml: there is no command '{name}'.")
                slashes.update({word: Command(name, language=language) for word in words.get("slash", ())})
                for phrase in map(plain, words.get("phrases", ())):
                    # A word that two languages share ("menu") says nothing about the resident's.
                    phrases[phrase] = Command(name, language=None if phrase in phrases else language)
                # The word for a language chooses it: "español" is not a question about languages.
                phrases.update({plain(phrase): Command(name, language, language) for phrase in words.get("choose", ())})
        return cls(slashes, phrases)

    def find(self, text: str) -> Command | None:
        """The command that `text` is, or None: a command inside a longer sentence is left to the engine."""
        if text.startswith("/"):
            word, _, argument = text[1:].strip().partition(" ")
            found = self._slashes.get(word.split("@")[0].casefold())
            # Apps offer /start and /help in every language: a slash says nothing about the resident's.
            return replace(found, argument=argument.strip(), language=None) if found else None
        return self._phrases.get(plain(text)) if len(text) <= 80 else None

    def slashes_of(self, name: str, language: str) -> tuple[str, ...]:
        """The words after a slash that give one command in one language, the usual one first."""
        return tuple(word for word, found in self._slashes.items() if (found.name, found.language) == (name, language))

    def phrases_of(self, name: str) -> tuple[str, ...]:
        """All whole-message phrases of one command."""
        return tuple(phrase for phrase, command in self._phrases.items() if command.name == name)


def plain(text: str) -> str:
    """`text` for comparing: lower case, no accents, no punctuation, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(_NOT_WORDS.sub(" ", bare).split())
