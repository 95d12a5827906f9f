"""What a new model must get right before it may become a release."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.core.decision import REDIRECT_GROUPS, group_of
from bot.core.topic import Topic

# Of each topic and language this many examples are asked; one that leads to it shows its answer can be reached.
ASKED_PER_TOPIC = 1
# The share of golden questions that may go wrong. Emergencies and requests for a person may not, at all.
MOST_WRONG = 0.10
NEVER_WRONG = ("emergency", "handoff")
Answer = Mapping[str, Any]
"""frontdesk's decision on a question: outcome, topic, choices, notice."""


@dataclass(frozen=True)
class Question:
    """`topics`: the acceptable ones; `outcome`: the expected one, None when any that shows a topic of these will do."""

    text: str
    language: str | None
    topics: tuple[str, ...]
    outcome: str | None = None
    is_golden: bool = True


@dataclass(frozen=True)
class Failure:
    """In the words an admin reads; `text` is the question."""

    text: str
    expected: str
    got: str


def golden_questions(folder: Path) -> list[Question]:
    """Every question of data/golden/*.yml: `questions:` a list of {text, language, topics, outcome}."""
    entries = [
        entry
        for path in sorted(folder.glob("*.yml"))
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["questions"]
    ]
    return [
        Question(entry["text"], entry.get("language"), tuple(entry.get("topics", ())), entry.get("outcome"))
        for entry in entries
    ]


def topic_questions(topics: Sequence[Topic]) -> list[Question]:
    """A few of each topic's own examples: an answer no example leads to can never be given."""
    return [
        Question(text, language, (topic.id,), is_golden=False)
        for topic in topics
        for language, texts in topic.examples.items()
        for text in texts[:ASKED_PER_TOPIC]
    ]


def judge(
    questions: Sequence[Question], answers: Sequence[Answer], before: Mapping[str, bool] | None = None
) -> list[Failure]:
    """The reasons not to release; none means the gate is open. `answers`: frontdesk's decision on each question.

    `before`: how the live release did (`results`). A model that loses more golden questions than it wins is worse.
    """
    pairs = list(zip(questions, answers, strict=True))
    wrong = [pair for pair in pairs if not is_right(*pair)]
    golden = [pair for pair in wrong if pair[0].is_golden]
    refused = [pair for pair in golden if pair[0].outcome in NEVER_WRONG]
    if len(golden) > MOST_WRONG * max(sum(question.is_golden for question in questions), 1):
        refused += [pair for pair in golden if pair not in refused]
    refused += [pair for pair in _lost(pairs, before or {}) if pair not in refused]
    return [_failure(question, answer) for question, answer in refused] + _unreachable(questions, wrong)


def results(questions: Sequence[Question], answers: Sequence[Answer]) -> dict[str, bool]:
    """Each golden question's key and whether it was answered right; kept with the release for the next comparison."""
    pairs = zip(questions, answers, strict=True)
    return {key_of(question): is_right(question, answer) for question, answer in pairs if question.is_golden}


def key_of(question: Question) -> str:
    """The same question with the same expectation has the same key."""
    told = "\n".join([question.text, question.language or "", question.outcome or "", *sorted(question.topics)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _lost(pairs: Sequence[tuple[Question, Answer]], before: Mapping[str, bool]) -> list[tuple[Question, Answer]]:
    """What the live release got right and this one does not, unless it wins at least as many."""
    known = [(question, answer) for question, answer in pairs if question.is_golden and key_of(question) in before]
    lost = [pair for pair in known if before[key_of(pair[0])] and not is_right(*pair)]
    won = [pair for pair in known if not before[key_of(pair[0])] and is_right(*pair)]
    return lost if len(lost) > len(won) else []


def is_right(question: Question, answer: Answer) -> bool:
    """Right is the expected outcome with an acceptable topic, shown at first or among the choices."""
    shown = {answer.get("topic"), *(choice["topic"] for choice in answer.get("choices", ()))}
    if question.outcome == "emergency":
        return answer["outcome"] == "emergency" or bool(answer.get("notice"))
    if question.outcome in ("handoff", "no_answer"):
        return bool(answer["outcome"] == question.outcome)
    if question.topics and all(group_of(topic) in REDIRECT_GROUPS for topic in question.topics):
        # Which of the redirections is said matters less than that nothing of ours is answered.
        return answer["outcome"] == "no_answer" or bool(shown & set(question.topics))
    return bool(shown & set(question.topics))


def _unreachable(questions: Sequence[Question], wrong: Sequence[tuple[Question, Answer]]) -> list[Failure]:
    missed = {id(question) for question, _ in wrong}
    reached = {question.topics for question in questions if not question.is_golden and id(question) not in missed}
    asked = {question.topics for question in questions if not question.is_golden}
    return [Failure("(its own examples)", topic, "other topics") for (topic,) in sorted(asked - reached)]


def _failure(question: Question, answer: Answer) -> Failure:
    expected = question.outcome or ", ".join(question.topics)
    got = answer["topic"] or ", ".join(choice["topic"] for choice in answer["choices"]) or answer["outcome"]
    return Failure(question.text, expected, str(got))
