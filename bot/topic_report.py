"""``frontdesk topics check``: how long and how hard to read each answer is, and what is wrong with the topics."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.core.reading import grade
from bot.core.topic import Topic
from bot.department_files import read_yaml
from bot.training.topic_checks import check_topics


def report(topics: Sequence[Topic], root: Path) -> Iterator[str]:
    """Lines for a person: a topic each with words and grade by language, then every finding."""
    for topic in topics:
        facts = (
            f"{language}: {len(answer.split()):3} words, grade {_grade(answer, language):>4}"
            for language, answer in topic.answer.items()
        )
        yield f"{topic.id:32} {'   '.join(facts)}"
    findings = check_topics(topics, read_yaml(root / "department.yml"))
    yield f"{len(topics)} topics, {len(findings)} findings."
    for finding in findings:
        yield f"{'PROBLEM' if finding.fatal else 'note   '} {finding.topic}: {finding.text}"


def _grade(answer: str, language: str) -> str:
    reading = grade(answer, language)
    return "?" if reading is None else f"{reading:.1f}"
