"""Topics to a release: check, write the Rasa project, train it in a process of its own, ask the gate, publish."""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.core.topic import Topic
from bot.training import gate, release
from bot.training.builder import ANSWERS, PROJECT, QUESTIONS, RELEASE, Builder, BuildFailed
from bot.training.desk_words import DeskWords
from bot.training.progress import Progress
from bot.training.rasa_project import write_project
from bot.training.topic_checks import Finding, check_topics
from bot.training.topic_files import read_topics

VECTORS = "vectors"
NICENESS = 10


class TrainingRefused(Exception):
    """No release was made. `reasons`: lines an admin can act on."""

    def __init__(self, headline: str, reasons: Sequence[str]) -> None:
        super().__init__("\n".join([headline, *(f"- {reason}" for reason in reasons)]))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Project:
    """Where a training reads: `root` has domain.yml, config.yml and data/rules; `data` has nlu/ and golden/."""

    root: Path
    data: Path
    department: Path


def train(project: Project, releases: Path, *, now: datetime, progress: Progress, live: str | None = None) -> Path:
    """Train and return the new release's folder. Raises TrainingRefused, TopicFileProblem or CalledProcessError.

    `live`: the id of the release that answers now; the new one must not do worse on the golden questions.
    """
    progress("check", 0, 1)
    releases.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=releases, prefix=".draft-") as workshop,
        Builder(Path(workshop), vectors=releases.parent / VECTORS, progress=progress) as builder,
    ):
        folder = Path(workshop)
        department = yaml.safe_load(project.department.read_text(encoding="utf-8"))
        topics = read_topics(project.data / "nlu")
        _refuse_unusable(check_topics(topics, department))
        write_project(topics, folder / PROJECT, root=project.root, languages=department["languages"])
        fingerprint = release.data_hash(folder / PROJECT)
        desk = DeskWords.read(project.root / "data")
        questions = [*gate.topic_questions(topics), *gate.golden_questions(project.data / "golden"), *desk.questions()]
        progress("check", 1, 1)
        figures, answers = _build(builder, folder, questions, desk)
        _refuse_worse(gate.judge(questions, answers, release.golden_results(releases, live)))
        content = release.record(
            release.new_release_id(now),
            topics,
            now=now,
            data_hash=fingerprint,
            languages=department["languages"],
            figures=figures,
            golden=gate.results(questions, answers),
        )
        return release.publish(folder / RELEASE, content, releases)


def write_rasa_project(project: Project, folder: Path) -> list[Topic]:
    """The project alone, for Rasa's own tools. Returns its topics."""
    department = yaml.safe_load(project.department.read_text(encoding="utf-8"))
    topics = read_topics(project.data / "nlu")
    write_project(topics, folder, root=project.root, languages=department["languages"])
    return topics


def _build(
    builder: Builder, folder: Path, questions: Sequence[gate.Question], desk: DeskWords
) -> tuple[dict[str, Any], list[gate.Answer]]:
    """Let the waiting `builder` train. Returns (figures, the decision on each question: the desk's or the model's)."""
    by_desk = [None if not question.is_golden else desk.answer(question) for question in questions]
    left = [question for question, answer in zip(questions, by_desk, strict=True) if answer is None]
    (folder / QUESTIONS).write_text("".join(_question_line(question) for question in left), encoding="utf-8")
    try:
        figures = builder.build()
    except BuildFailed as problem:
        raise TrainingRefused("The training itself failed.", problem.lines) from problem
    lines = (folder / ANSWERS).read_text(encoding="utf-8").splitlines()
    by_model = (json.loads(line)["frontdesk"] for line in lines)
    return figures, [next(by_model) if answer is None else answer for answer in by_desk]


def _question_line(question: gate.Question) -> str:
    asked = {"text": question.text} | ({"language": question.language} if question.language else {})
    return json.dumps(asked, ensure_ascii=False) + "\n"


def _refuse_unusable(findings: Sequence[Finding]) -> None:
    for finding in findings:
        if not finding.fatal:
            print(f"warning: {finding.topic}: {finding.text}", file=sys.stderr)
    reasons = [f"{finding.topic}: {finding.text}" for finding in findings if finding.fatal]
    if reasons:
        raise TrainingRefused("These topics cannot be released yet.", reasons)


def _refuse_worse(failures: Sequence[gate.Failure]) -> None:
    reasons = [f"{failure.text!r}: expected {failure.expected}, got {failure.got}" for failure in failures]
    if reasons:
        raise TrainingRefused("The new model did not pass the gate; the live release stays.", reasons)
