"""The department's own facts, and the placeholders that stand for them in approved answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PLACEHOLDER = re.compile(r"\[\[([a-z0-9_.]+)\]\]")


@dataclass(frozen=True)
class Department:
    """department.yml as a value. `document` is the parsed file."""

    document: Mapping[str, Any]

    @property
    def is_example(self) -> bool:
        return bool(self.document.get("example"))

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.document["languages"])

    @property
    def default_language(self) -> str:
        return self.languages[0]

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.document["timezone"])

    @property
    def units(self) -> Mapping[str, Mapping[str, Any]]:
        units: Mapping[str, Mapping[str, Any]] = self.document["units"]
        return units

    def name(self, language: str) -> str:
        return str(_in_language(self.document["name"], language, self.default_language))

    def value(self, path: str, language: str) -> str | None:
        """What ``[[path]]`` stands for in `language`; None where department.yml has no such fact."""
        node: Any = self.document
        for key in path.split("."):
            if not isinstance(node, Mapping) or key not in node:
                return None
            node = node[key]
        if isinstance(node, Mapping):
            node = _in_language(node, language, self.default_language)
        return None if isinstance(node, (Mapping, list)) or node is None else str(node)

    def is_open(self, unit: str, now: datetime) -> bool:
        """True when `unit` has opening hours at `now` (UTC)."""
        local = now.astimezone(self.timezone)
        return any(start <= local.time() < end for start, end in self._hours(unit, local.date()))

    def next_opening(self, unit: str, now: datetime) -> datetime | None:
        """The next time, in the department's zone, at which `unit` opens after `now`; None where it never does."""
        local = now.astimezone(self.timezone)
        for ahead in range(30):
            day = local.date() + timedelta(days=ahead)
            for start, _end in self._hours(unit, day):
                opening = datetime.combine(day, start, self.timezone)
                if opening > local:
                    return opening
        return None

    def _hours(self, unit: str, day: date) -> list[tuple[time, time]]:
        if day in set(self.document.get("holidays", ())):
            return []
        spans = self.units.get(unit, {}).get("hours", {}).get(DAYS[day.weekday()])
        return [_span(span) for span in spans.split(",")] if spans else []


def placeholders(text: str) -> list[str]:
    """The paths of all placeholders in `text`, in order."""
    return _PLACEHOLDER.findall(text)


def fill(text: str, department: Department, language: str, values: Mapping[str, str] | None = None) -> str:
    """`text` with its placeholders filled. Only ``[[names]]`` are touched: braces and dollars stay what they are.

    `values` wins over department.yml and carries what it cannot know: a staff member's name, hours in words (as
    ``units.records.hours``). Raises KeyError for a placeholder that neither has.
    """

    def value(match: "re.Match[str]") -> str:
        path = match.group(1)
        found = values.get(path) if values else None
        if found is None:
            found = department.value(path, language)
        if found is None:
            raise KeyError(f"department.yml has no '{path}'")
        return found

    return _PLACEHOLDER.sub(value, text)


def hours_in_words(department: Department, unit: str, days: Mapping[str, str], closed: str) -> str:
    """A unit's hours, e.g. ``Mon-Fri 09:00-16:00``. `days` maps mon..sun to a language's short names."""
    hours = department.units.get(unit, {}).get("hours", {})
    runs: list[list[Any]] = []
    for day in DAYS:
        span = hours.get(day)
        if span and runs and runs[-1][2] == span and DAYS.index(runs[-1][1]) == DAYS.index(day) - 1:
            runs[-1][1] = day
        elif span:
            runs.append([day, day, span])
    words = [f"{days[a] if a == b else days[a] + '-' + days[b]} {span}" for a, b, span in runs]
    return ", ".join(words) or closed


def problems(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with a parsed department.yml, in plain words; empty when nothing is."""
    found: dict[str, None] = {}
    for key in ("name", "timezone", "languages", "emergency", "phone", "units"):
        if key not in document:
            found[f"department.yml has no '{key}'."] = None
    if "emergency" in document and not str(document["emergency"].get("number", "")).strip():
        found["department.yml: emergency.number is empty."] = None
    if not found and not document["languages"]:
        found["department.yml: 'languages' lists no language."] = None
    return list(found)


def _in_language(texts: Mapping[str, Any], language: str, default: str) -> Any:
    return texts.get(language, texts.get(default, texts))


def _span(text: str) -> tuple[time, time]:
    start, end = text.strip().split("-")
    return time.fromisoformat(start), time.fromisoformat("23:59:59" if end == "24:00" else end)
