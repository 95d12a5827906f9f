"""From an engine's answer to what is said: placeholders filled, sources named, what is out of date marked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.core.effects import Effect, HandoffRequested
from bot.core.message import Author, Button, Reply
from bot.desk.engine import EngineAnswer, EngineReply
from bot.desk.words import Words

# What these groups say is the desk's own manner of speaking, not a fact with a source.
UNSOURCED = ("chat/", "oos/", "safety/", "emergency/")


class Answers:
    """Turns engine replies into the resident's. `topics_of(release)` gives release.json's topics."""

    def __init__(self, words: Words, topics_of: Callable[[str | None], Mapping[str, Any]]) -> None:
        self.words, self.topics_of = words, topics_of

    def replies(
        self, answer: EngineAnswer, effects: Sequence[Effect], *, release: str | None, today: date, noticed: bool
    ) -> list[Reply]:
        """What the resident reads. `noticed`: the emergency notice was said at receive already."""
        language, found = self.words.known(answer.language), list[Reply]()
        if answer.notice and answer.outcome != "emergency" and not noticed:
            found.append(Reply(self.words.emergency("notice", language), author=Author.NOTICE))
        asked = any(isinstance(effect, HandoffRequested) for effect in effects)
        for reply in answer.replies:
            if asked and answer.outcome == "handoff":
                continue  # the desk knows the hours and the line, and says it with them
            found.append(self._reply(reply, language, answer, release, today))
        return found

    def _reply(
        self, reply: EngineReply, language: str, answer: EngineAnswer, release: str | None, today: date
    ) -> Reply:
        topics = self.topics_of(release)
        assumed = topics.get(answer.assumed or "")
        text, buttons = self.words.fill(reply.text, language, **self._facts_of(assumed, language)), reply.buttons
        about = topics.get(reply.topic or "")
        needs_person = bool(assumed and about)
        if about and reply.topic and not reply.topic.startswith(UNSOURCED):
            text += "\n\n" + self._source(about, language)
            if _is_out_of_date(about, today):
                text += "\n" + self.words.say("answer_old", language)
                needs_person = True
        if needs_person:
            buttons = (*buttons, Button(self.words.say("ask_person", language), command="human"))
        if about and reply.topic == answer.topic:
            text = self._with_reading(text, answer, topics, language)
        author = Author.NOTICE if answer.outcome == "emergency" else Author.ASSISTANT
        return Reply(text, buttons=buttons, author=author)

    def _with_reading(self, text: str, answer: EngineAnswer, topics: Mapping[str, Any], language: str) -> str:
        """`text` between what the message was taken to be about and what else it asked."""
        if assumed := topics.get(answer.assumed or ""):
            text = self.words.say("assumed", language, topic=self._title(assumed, language)) + "\n\n" + text
        if also := topics.get(answer.also_topic or ""):
            key = "also_outside" if str(answer.also_topic).startswith("oos/") else "also_asked"
            text += "\n\n" + self.words.say(key, language, topic=self._title(also, language))
        return text

    def _title(self, about: Mapping[str, Any], language: str) -> str:
        titles, default = about["title"], self.words.department.default_language
        return str(titles.get(language) or titles.get(default) or next(iter(titles.values())))

    def _facts_of(self, about: Mapping[str, Any] | None, language: str) -> dict[str, str]:
        """A topic as a text may name it: its title, and whom to ask."""
        if about is None:
            return {}
        value = self.words.department.value
        phone = value(f"units.{about['owner']}.phone", language) or value("phone", language) or ""
        unit = self.words.unit(about["owner"], language)
        return {"topic": self._title(about, language), "unit": unit, "unit_phone": phone}

    def _source(self, about: Mapping[str, Any], language: str) -> str:
        reviewed = self.words.date(date.fromisoformat(about["reviewed_on"]), language)
        return self.words.say(
            "answer_source",
            language,
            source=self.words.fill(about["source"], language),
            unit=self.words.unit(about["owner"], language),
            date=reviewed,
        )


def _is_out_of_date(about: Mapping[str, Any], today: date) -> bool:
    return (today - date.fromisoformat(about["reviewed_on"])).days >= int(about["review_days"])
