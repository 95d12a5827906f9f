"""How hard a text is to read, as years of schooling: for answers that everybody must understand at once."""

import re
from collections.abc import Callable

_PLACEHOLDER = re.compile(r"\[\[[^\]\[]*\]\]")
_SENTENCE_END = re.compile(r"[.!?:;]+(?:\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_EN_VOWELS = re.compile(r"[aeiouy]+")
_EN_SILENT = re.compile(r"(?<=[^laeiouy])e$|(?<=[^td])ed$|(?<=[^sxzc])es$")
# In Spanish a weak vowel beside a strong one is one syllable with it, unless an accent parts them.
_ES_VOWELS = re.compile(r"[iuü]?[aeoáéó][iuyü]?|[iuü][iuü]?|[íú]|y$")


def grade(text: str, language: str) -> float | None:
    """Years of schooling a reader of `text` needs; None for a language without a formula, or a text without words.

    English: Flesch-Kincaid (Kincaid et al. 1975, https://apps.dtic.mil/sti/citations/ADA006655). Spanish: Crawford
    (1989). Syllables are counted by rule, which is right for nine words in ten; a placeholder counts as one short word.
    """
    if language not in _FORMULAS:
        return None
    plain = _PLACEHOLDER.sub(" unit ", text)
    words = _WORD.findall(plain.lower())
    if not words:
        return None
    sentences = sum(1 for part in _SENTENCE_END.split(plain) if part and _WORD.search(part))
    syllables = sum(max(1, _SYLLABLES[language](word)) for word in words)
    return max(0.0, round(_FORMULAS[language](len(words), max(1, sentences), syllables), 1))


def _english(word: str) -> int:
    return len(_EN_VOWELS.findall(_EN_SILENT.sub("", word)))


def _spanish(word: str) -> int:
    return len(_ES_VOWELS.findall(re.sub(r"(?<=[gq])u(?=[eiéí])", "", word)))


def _flesch_kincaid(words: int, sentences: int, syllables: int) -> float:
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def _crawford(words: int, sentences: int, syllables: int) -> float:
    return -0.205 * (100 * sentences / words) + 0.049 * (100 * syllables / words) - 3.407


_SYLLABLES: dict[str, Callable[[str], int]] = {"en": _english, "es": _spanish}
_FORMULAS: dict[str, Callable[[int, int, int], float]] = {"en": _flesch_kincaid, "es": _crawford}
