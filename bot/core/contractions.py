"""Contractions that without their apostrophe are another word: "we're" and "were", "she'll" and "shell"."""

import re
from collections.abc import Mapping

_APOSTROPHES = "'’‘ʼ`´′＇"


class Contractions:
    """`words`: a contraction, with a plain apostrophe, and the words it stands for ("we're": "we are")."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = {written.lower(): meant for written, meant in words.items()}
        written = "|".join(re.escape(word).replace("'", f"[{_APOSTROPHES}]") for word in self._words)
        self._pattern = re.compile(rf"\b(?:{written})\b", re.IGNORECASE) if written else None
        self._plain = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))

    def spelled_out(self, text: str) -> str:
        """`text` with its contractions as the words they stand for."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._words[found.group().translate(self._plain).lower()], text)
