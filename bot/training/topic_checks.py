"""What is wrong with a set of topics as a whole: found before training, in words an admin can act on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.reading import grade
from bot.core.topic import Topic

FEWEST_EXAMPLES = 8
MOST_WORDS = 90
# About what a fourteen-year-old reads with ease; plain-language rules for public text ask for eight or nine.
HARDEST_GRADE = 9.0
FEWEST_GRADED = 20  # words; the formulas say nothing of a shorter text
_PLACEHOLDER = re.compile(r"\[\[([^\]\[]*)\]\]")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Finding:
    """`fatal`: a release cannot be made with it. Otherwise it is a warning."""

    topic: str
    text: str
    fatal: bool = True


def check_topics(topics: Sequence[Topic], department: Mapping[str, Any]) -> list[Finding]:
    """All findings, in the topics' order. `department`: department.yml as read."""
    ids = {topic.id for topic in topics}
    return [
        *_twice([topic.id for topic in topics]),
        *(finding for topic in topics for finding in _check_topic(topic, ids, department)),
        *_shared_examples(topics),
    ]


def _check_topic(topic: Topic, ids: set[str], department: Mapping[str, Any]) -> list[Finding]:
    found: list[str] = []
    if topic.owner not in department.get("units", {}):
        found.append(f"its owner {topic.owner!r} is no unit of department.yml")
    found += [f"its button {button!r} is no topic" for button in topic.buttons if button not in ids]
    for language in department.get("languages", []):
        found += [
            f"it has no {part} in {language!r}" for part in ("title", "answer") if language not in getattr(topic, part)
        ]
    for language, answer in topic.answer.items():
        found += _placeholder_problems(language, answer, department)
    return [Finding(topic.id, text) for text in found] + _warnings(topic, department)


def _warnings(topic: Topic, department: Mapping[str, Any]) -> list[Finding]:
    found = [
        f"only {len(topic.examples.get(language, ()))} examples in {language!r}: {FEWEST_EXAMPLES} or more are needed"
        for language in department.get("languages", [])
        if len(topic.examples.get(language, ())) < FEWEST_EXAMPLES
    ]
    found += [
        f"its answer in {language!r} has {len(answer.split())} words, more than {MOST_WORDS}"
        for language, answer in topic.answer.items()
        if len(answer.split()) > MOST_WORDS
    ]
    found += [
        f"its answer in {language!r} reads at school grade {reading}, above {HARDEST_GRADE:g}"
        for language, answer in topic.answer.items()
        if len(answer.split()) >= FEWEST_GRADED and (reading := grade(answer, language) or 0.0) > HARDEST_GRADE
    ]
    return [Finding(topic.id, text, fatal=False) for text in found]


def _placeholder_problems(language: str, answer: str, department: Mapping[str, Any]) -> list[str]:
    return [
        f"its answer in {language!r} uses [[{name}]], which department.yml does not have"
        for name in _PLACEHOLDER.findall(answer)
        if not _is_known(name, department)
    ]


def _is_known(name: str, department: Mapping[str, Any]) -> bool:
    value: Any = department
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def _twice(ids: Sequence[str]) -> list[Finding]:
    return [Finding(id_, "it is there twice") for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]


def _shared_examples(topics: Sequence[Topic]) -> list[Finding]:
    seen: dict[str, str] = {}
    found = []
    for topic in topics:
        for text in (text for texts in topic.examples.values() for text in texts):
            key = _SIGNS.sub(" ", text.lower()).strip()
            owner = seen.setdefault(key, topic.id)
            if owner != topic.id:
                found.append(Finding(topic.id, f"its example {text!r} is also one of {owner}"))
    return found
