"""``python -m bot.training train | project``: a process of its own, at low priority, so that the desk stays quick."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.training.progress import as_json, as_text
from bot.training.topic_files import TopicFileProblem
from bot.training.train import NICENESS, Project, TrainingRefused, train, write_rasa_project


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    project = Project(root=asked.root, data=asked.data or asked.root / "data", department=asked.department)
    os.nice(NICENESS)
    try:
        return int(asked.run(asked, project))
    except (TrainingRefused, TopicFileProblem) as problem:
        print(problem, file=sys.stderr)
        return 1


def _train(asked: argparse.Namespace, project: Project) -> int:
    progress = as_json if asked.progress == "json" else as_text
    folder = train(project, asked.out, now=datetime.now(UTC), progress=progress, live=asked.live)
    print(json.dumps({"release": folder.name}) if asked.progress == "json" else folder.name)
    return 0


def _write_project(asked: argparse.Namespace, project: Project) -> int:
    topics = write_rasa_project(project, asked.folder)
    print(f"{len(topics)} topics written to {asked.folder}", file=sys.stderr)
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="the folder with domain.yml, config.yml, data/rules")
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train", help="make a release from the topics")
    training.add_argument("--out", type=Path, required=True, help="the releases folder, e.g. var/releases")
    training.add_argument("--progress", choices=("json", "text"), default="text")
    training.add_argument("--live", help="the id of the live release, which the new one is compared with")
    training.set_defaults(run=_train)
    project = commands.add_parser("project", help="write the Rasa project only, for Rasa's own tools")
    project.add_argument("folder", type=Path)
    project.set_defaults(run=_write_project)
    for command in (training, project):
        command.add_argument("--data", type=Path, help="the folder with nlu/ and golden/ (default: ROOT/data)")
        command.add_argument("--department", type=Path, default=Path("department.yml"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
