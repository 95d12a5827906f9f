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
        text, buttons = self.words.fill(reply.text, language), reply.buttons
        about = self.topics_of(release).get(reply.topic or "")
        if about and reply.topic and not reply.topic.startswith(UNSOURCED):
            text += "\n\n" + self._source(about, language)
            if _is_out_of_date(about, today):
                text += "\n" + self.words.say("answer_old", language)
                buttons = (*buttons, Button(self.words.say("ask_person", language), command="human"))
        author = Author.NOTICE if answer.outcome == "emergency" else Author.ASSISTANT
        return Reply(text, buttons=buttons, author=author)

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
