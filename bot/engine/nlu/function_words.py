"""The small words that tell languages apart where most words of a message are borrowed: "el manager no hace report"."""

import re
from collections.abc import Mapping, Sequence

from bot.core.normalise import folded

MANY_TIMES = 3  # as many as the next language's, from two words on
_WORD = re.compile(r"[^\W\d_]+")


class FunctionWords:
    """`words`: language -> its small words, in lower case without accents and without those of place names."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._words = {language: frozenset(own) for language, own in words.items()}

    def language_of(self, text: str) -> str | None:
        """The language whose small words alone, or plainly more than any other's, are in `text`."""
        said = _WORD.findall(folded(text))
        counts = sorted(((sum(word in own for word in said), code) for code, own in self._words.items()), reverse=True)
        if len(counts) < 2 or not counts[0][0]:
            return None
        (most, code), (next_most, _) = counts[:2]
        return code if not next_most or (most > 1 and most >= MANY_TIMES * next_most) else None
