"""What the desk answers from its own lists before any model is asked: phrases of danger, and words for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.core.commands import Commands
from bot.core.emergency import EmergencyGate
from bot.training.gate import Answer, Question


@dataclass(frozen=True)
class DeskWords:
    """The lists of a project's data/emergency and data/commands."""

    gate: EmergencyGate
    commands: Commands
    entries: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, data: Path) -> "DeskWords":
        """From `data`/emergency/<language>.yml and `data`/commands/*.yml."""
        lists = [_document(path) for path in sorted((data / "emergency").glob("*.yml")) if path.stem != "replies"]
        commands = Commands.from_data([_document(path) for path in sorted((data / "commands").glob("*.yml"))])
        return cls(EmergencyGate.from_data(lists), commands, tuple(lists))

    def answer(self, question: Question) -> Answer | None:
        """What the desk does with `question` by itself, in the form of a model's decision; None: the model is asked.

        Under a notice the question is answered as well, so one that expects an answer goes to the model all the same.
        """
        match = self.gate.check(question.text)
        if match is not None and (match.certain or question.outcome == "emergency"):
            return _decided("emergency" if match.certain else "answer", notice=not match.certain)
        command = self.commands.find(question.text)
        return _decided("handoff") if command is not None and command.name == "human" else None

    def questions(self) -> Iterator[Question]:
        """Every example of every entry of the lists, each expected to be stopped."""
        for document in self.entries:
            for entry in document["entries"]:
                for text in entry.get("examples", ()):
                    yield Question(text, document["language"], (), "emergency")


def _decided(outcome: str, *, notice: bool = False) -> Answer:
    return {"outcome": outcome, "topic": None, "choices": [], "notice": notice}


def _document(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
