"""Console pages: Jinja2 with autoescape. A page and its live update are made from the same partial."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import HTTPResponse, Request
from sanic.response import html

from bot.core.staff import StaffMember

if TYPE_CHECKING:
    from bot.desk.desk import Desk

FIRST_STRONG, POP = "\u2068", "\u2069"


class Renderer:
    """Fills templates with words in the reader's language."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        folder = FileSystemLoader(Path(__file__).parent / "templates")
        self._jinja = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                                  lstrip_blocks=True)

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTTPResponse:
        """A whole page for the one who asked."""
        staff: StaffMember | None = getattr(request.ctx, "staff", None)
        session = getattr(request.ctx, "session", None)
        language = language_of(self.desk, request)
        document = self.partial(template, language, staff=staff, csrf=session.csrf if session else "",
                                path=request.path, **values)
        return html(document, status=status)

    def partial(self, template: str, language: str, **values: Any) -> str:
        return self._jinja.get_template(template).render(Said(self.desk, language).names(), **values)


class Said:
    """What templates call: texts, units, times."""

    def __init__(self, desk: "Desk", language: str) -> None:
        self.words, self.department, self.language = desk.words, desk.department, language
        self.topics = desk.topics_of(None)

    def names(self) -> dict[str, Any]:
        department = self.department
        return {"t": self.text, "unit_name": self.unit, "topic_title": self.topic, "time_of": self.time,
                "wait": self.wait, "language": self.language, "language_name": self.language_name,
                "department_name": department.name(self.language),
                "is_example": department.is_example, "languages": department.languages}

    def text(self, key: str, **values: Any) -> str:
        """A console text. Values are isolated: a name that runs right to left does not turn the sentence around."""
        isolated = {name: _isolated(value) for name, value in values.items()}
        return self.words.say(f"console_{key}", self.language, **isolated)

    def language_name(self, language: str) -> str:
        return self.words.say("console_language_name", language) if language in self.department.languages else language

    def unit(self, unit: str | None) -> str:
        return self.words.unit(unit, self.language)

    def topic(self, topic: str | None) -> str:
        """The topic's title in the reader's language; its id where the live release does not know it any more."""
        if topic is None:
            return self.text("no_topic")
        titles = (self.topics.get(topic) or {}).get("title") or {}
        return str(titles.get(self.language) or titles.get(self.department.default_language) or topic)

    def time(self, moment: datetime | str) -> str:
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return self.words.day_and_time(at, self.language)

    def wait(self, seconds: float) -> str:
        minutes = int(max(0, seconds) // 60)
        if minutes < 1:
            return self.text("wait_now")
        if minutes < 60:
            return self.text("wait_minutes", minutes=minutes)
        return self.text("wait_hours", hours=minutes // 60, minutes=minutes % 60)


def _isolated(value: object) -> str:
    return f"{FIRST_STRONG}{value}{POP}" if isinstance(value, str) else str(value)


def language_of(desk: "Desk", request: Request) -> str:
    """The reader's language: their own choice, else the page's `?language=`, else the browser's first one we speak."""
    staff: StaffMember | None = getattr(request.ctx, "staff", None)
    wished = [staff.language] if staff else [request.args.get("language") or ""]
    accepted = request.headers.get("accept-language", "").split(",")
    wished += [part.split(";")[0].split("-")[0].strip().lower() for part in accepted]
    known = desk.department.languages
    return next((language for language in wished if language in known), desk.department.default_language)
