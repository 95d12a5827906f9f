"""Topics to a release: check, write the Rasa project, train it in a process of its own, ask the gate, publish."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.core.topic import Topic
from bot.training import gate, release
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
    department = yaml.safe_load(project.department.read_text(encoding="utf-8"))
    topics = read_topics(project.data / "nlu")
    _refuse_unusable(check_topics(topics, department))
    progress("check", 1, 1)
    releases.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=releases, prefix=".draft-") as workshop:
        folder = Path(workshop)
        write_project(topics, folder / "project", root=project.root, languages=department["languages"])
        fingerprint = release.data_hash(folder / "project")
        desk = DeskWords.read(project.root / "data")
        questions = [*gate.topic_questions(topics), *gate.golden_questions(project.data / "golden"), *desk.questions()]
        figures, answers = _build(folder, questions, desk, vectors=releases.parent / VECTORS, progress=progress)
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
        return release.publish(folder / "release", content, releases)


def write_rasa_project(project: Project, folder: Path) -> list[Topic]:
    """The project alone, for Rasa's own tools. Returns its topics."""
    department = yaml.safe_load(project.department.read_text(encoding="utf-8"))
    topics = read_topics(project.data / "nlu")
    write_project(topics, folder, root=project.root, languages=department["languages"])
    return topics


def _build(
    folder: Path, questions: Sequence[gate.Question], desk: DeskWords, *, vectors: Path, progress: Progress
) -> tuple[dict[str, Any], list[gate.Answer]]:
    """Train in a process of its own. Returns (figures, the decision on each question: the desk's, else the model's)."""
    (folder / "release").mkdir()
    asked = folder / "questions.jsonl"
    by_desk = [None if not question.is_golden else desk.answer(question) for question in questions]
    left = [question for question, answer in zip(questions, by_desk, strict=True) if answer is None]
    asked.write_text("".join(_question_line(question) for question in left), encoding="utf-8")
    command = [sys.executable, "-m", "bot.engine.build_model", "--project", str(folder / "project")]
    command += ["--out", str(folder / "release"), "--ask", str(asked), "--answers", str(folder / "answers.jsonl")]
    figures = _run(command, {"FRONTDESK_VECTORS": str(vectors)}, progress)
    lines = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    by_model = (json.loads(line)["frontdesk"] for line in lines)
    return figures, [next(by_model) if answer is None else answer for answer in by_desk]


def _run(command: Sequence[str], variables: Mapping[str, str], progress: Progress) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=complaints, text=True
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            figures.update(said.get("figures", {}))
            if "stage" in said:
                progress(said["stage"], said["done"], said["total"])
        if process.wait():
            complaints.seek(0)
            raise TrainingRefused("The training itself failed.", complaints.read().splitlines()[-20:])
    return figures


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
