"""Which of the department's languages a message is written in, kept steady through a conversation."""

from collections.abc import Mapping, Sequence
from typing import Any

from lingua import IsoCode639_1, LanguageDetectorBuilder
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.nlu.function_words import FunctionWords

LANGUAGE = "language"
LANGUAGE_CHOSEN = "language_chosen"
# What the words themselves are in, which may be no language of the department; it picks the encoders, not the answer.
WRITTEN_IN = "written_in"

# lingua's probability from which a message changes the conversation's language, by its number of words. Errors are
# nearly all one-word messages ("no", "ok", "human"), so a short one must be plain to change anything.
SWITCH_AT: tuple[tuple[int, float], ...] = ((1, 0.85), (2, 0.75), (4, 0.65))
SWITCH_LONG = 0.55
FOREIGN_AT = 0.8
# Below this the small words decide where they are plain: of 5,550 Spanish messages it takes 65 for English instead of
# 93, and of 6,440 English ones 5 for Spanish as before.
PLAIN = 0.9


class LanguageDetector:
    """lingua restricted to `languages` (ISO 639-1) and `foreign` ones that are only told apart from them, and the small
    words of each language."""

    def __init__(
        self, languages: Sequence[str], foreign: Sequence[str] = (), words: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.languages = tuple(languages)
        self._words = FunctionWords({code: own for code, own in (words or {}).items() if code in self.languages})
        codes = [IsoCode639_1.from_str(code.upper()) for code in dict.fromkeys((*languages, *foreign))]
        self._own = _detector(codes[: len(self.languages)])
        self._all = _detector(codes) if foreign else None

    def identify(self, text: str, *, current: str | None) -> tuple[str, str]:
        """Return (the conversation's language after this message, the language the message is written in)."""
        fallback = current if current in self.languages else self.languages[0]
        foreign = self._foreign(text)
        if foreign:
            return fallback, foreign
        code, confidence = _best(self._own, text)
        small = self._words.language_of(text) if confidence < PLAIN else None
        if small:
            return small, small
        if code and (code == fallback or confidence >= _switch_at(text)):
            return code, code
        return fallback, fallback

    def _foreign(self, text: str) -> str | None:
        if self._all is None:
            return None
        code, confidence = _best(self._all, text)
        is_foreign = code is not None and code not in self.languages
        return code if is_foreign and confidence >= FOREIGN_AT else None


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class LanguageIdentifier(GraphComponent):  # type: ignore[misc]
    """Sets `language` and `written_in` on each message; a language the resident chose (`language_chosen`) stays."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"languages": ["en", "es"], "foreign": ["fr", "pt", "de", "it", "vi"], "function_words": {}}

    @staticmethod
    def required_packages() -> list[str]:
        return ["lingua"]

    def __init__(self, config: dict[str, Any]) -> None:
        self._detector = LanguageDetector(config["languages"], config["foreign"], config.get("function_words"))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageIdentifier":
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            language, written_in = self._detector.identify(message.get(TEXT) or "", current=message.get(LANGUAGE))
            if message.get(LANGUAGE_CHOSEN):
                language = message.get(LANGUAGE)
            message.set(LANGUAGE, language, add_to_output=True)
            message.set(WRITTEN_IN, written_in, add_to_output=True)
        return messages


def _detector(codes: Sequence[Any]) -> Any:
    if len(codes) < 2:
        return None
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()


def _best(detector: Any, text: str) -> tuple[str | None, float]:
    if detector is None:
        return None, 0.0
    ranked = detector.compute_language_confidence_values(text)
    # Without a letter in it, a text gives every language the same share.
    if not ranked or (len(ranked) > 1 and ranked[0].value - ranked[1].value < 1e-9):
        return None, 0.0
    return ranked[0].language.iso_code_639_1.name.lower(), float(ranked[0].value)


def _switch_at(text: str) -> float:
    words = len(text.split())
    return next((share for most, share in SWITCH_AT if words <= most), SWITCH_LONG)
