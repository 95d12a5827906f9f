"""What the desk itself says, in each language, and approved texts with their placeholders filled."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from bot.core.department import DAYS, Department, fill, hours_in_words


class Words:
    """Texts by key and language. Every language has the same keys; what one lacks is said in the default language."""

    def __init__(
        self, department: Department, documents: Iterable[Mapping[str, Any]], emergency: Mapping[str, Any] | None = None
    ) -> None:
        """`documents`: the parsed files of data/texts, ``{language, texts: {key: text}}``; `emergency`: replies.yml."""
        self.department, self._emergency = department, emergency or {}
        self._texts: dict[str, dict[str, str]] = {language: {} for language in department.languages}
        for document in documents:
            self._texts.setdefault(document["language"], {}).update(document["texts"])

    def known(self, language: str | None) -> str:
        """`language` when the department speaks it, else its default language."""
        return language if language in self.department.languages else self.department.default_language

    def keys(self, language: str) -> set[str]:
        return set(self._texts.get(language, {}))

    def say(self, key: str, language: str, **values: str) -> str:
        """The text of `key` with its placeholders filled. Raises KeyError for a key no language has."""
        language = self.known(language)
        text = self._texts[language].get(key) or self._texts[self.department.default_language][key]
        return self.fill(text, language, **values)

    def fill(self, text: str, language: str, **values: str) -> str:
        """`text` with department.yml's facts, opening hours as words, and `values` in its [[placeholders]]."""
        return fill(text, self.department, self.known(language), {**self._hours(text, language), **values})

    def emergency(self, kind: str, language: str) -> str:
        """The notice for a kind of emergency, or the short one ("notice"), with how to call without speaking."""
        language = self.known(language)
        document = self._emergency
        texts = document["notice"] if kind == "notice" else document["replies"][kind]
        text: str = texts.get(language) or texts[self.department.default_language]
        if kind != "notice" and self.department.value("emergency.text_to", language):
            also = document["text_to"]
            text += " " + (also.get(language) or also[self.department.default_language])
        return self.fill(text, language)

    def day_and_time(self, moment: datetime, language: str) -> str:
        """A local time for a sentence, e.g. ``Mon 30 Nov, 09:00``."""
        local = moment.astimezone(self.department.timezone)
        day, month = self.say(f"day_{DAYS[local.weekday()]}", language), self.say(f"month_{local.month}", language)
        return f"{day} {local.day} {month}, {local:%H:%M}"

    def date(self, day: date, language: str) -> str:
        return f"{day.day} {self.say(f'month_{day.month}', language)} {day.year}"

    def unit(self, unit: str | None, language: str) -> str:
        """A unit's name, the department's where there is no such unit."""
        found = self.department.value(f"units.{unit}.name", language) if unit else None
        return found or self.department.name(language)

    def _hours(self, text: str, language: str) -> dict[str, str]:
        if ".hours]]" not in text:
            return {}
        days = {day: self.say(f"day_{day}", language) for day in DAYS}
        closed = self.say("hours_none", language)
        return {
            f"units.{unit}.hours": hours_in_words(self.department, unit, days, closed) for unit in self.department.units
        }
