"""Reads a generated project in a second where Rasa's own reader takes a minute.

Rasa parses and schema-checks every YAML file in pure Python, several times over. The project's domain and examples
were written by bot.training from topics it had already checked, so they are read with libyaml and taken as they are.
The rules, which people write, still go through Rasa's reader. A test compares what both readers make of a project.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

EXAMPLES = "nlu.yml"


class TopicImporter(RasaFileImporter):  # type: ignore[misc]
    """Rasa's importer, but for the domain and the examples. Built by Rasa from `importers:` in the config."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        folders = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        self._examples = [path for folder in folders for path in Path(folder).rglob(EXAMPLES)]
        others = [str(path) for folder in folders for path in Path(folder).rglob("*.yml") if path.name != EXAMPLES]
        super().__init__(config_file, domain_path, others)
        self._messages: list[Message] | None = None
        self._domain = Domain.from_dict(_read(Path(domain_path))) if domain_path else Domain.empty()

    def get_domain(self) -> Domain:
        return self._domain

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        if self._messages is None:
            self._messages = [message for path in self._examples for message in _read_examples(path)]
        return TrainingData(list(self._messages))


class _Example(Message):  # type: ignore[misc]
    """A training message with a ready fingerprint: Rasa asks for each some twenty times, to drop duplicates."""

    @classmethod
    def of(cls, text: str, intent: str, metadata: dict[str, Any]) -> "_Example":
        example = cls(data=Message.build(text=text, intent=intent, example_metadata=metadata).data)
        example.known = hashlib.sha256(repr((text, intent, metadata)).encode()).hexdigest()[:32]
        return example

    def fingerprint(self) -> str:
        return str(self.known)

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Example":
        # Rasa copies every example at each merge; nothing in our pipeline changes one.
        return self


def _read_examples(path: Path) -> list[Message]:
    """rasa_project writes an intent a line, as JSON behind a dash: a fiftieth of the time of reading it as YAML."""
    lines = path.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line.removeprefix("- ")) for line in lines if line.startswith("- ")]
    return [
        _Example.of(example["text"].strip(), entry["intent"], example["metadata"])
        for entry in entries
        for example in entry["examples"]
    ]


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
