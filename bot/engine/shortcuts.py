"""Work that Rasa does several times over, done once: seconds of each training and of each start of an engine.

The domain is written to the model as JSON too, and read from there: Rasa reads its YAML in pure Python, four times. It
was checked when it was trained. Merging examples with none at all gives what was there, instead of a copy that is
searched for duplicates again.
"""

import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.training_data import TrainingData

DOMAIN = "domain.json"


def install() -> None:
    """Put the shortcuts in Rasa's place, once in a process."""
    if DomainProvider._persist is not _persist:
        DomainProvider.load = classmethod(_load)
        DomainProvider._persist = _persist
        TrainingData.merge = _merge


_load_slowly = DomainProvider.load.__func__
_persist_alone = DomainProvider._persist
_merge_all = TrainingData.merge


def _persist(self: Any, domain: Domain) -> None:
    _persist_alone(self, domain)
    with self._model_storage.write_to(self._resource) as folder:
        (Path(folder) / DOMAIN).write_text(json.dumps(domain.as_dict()), encoding="utf-8")


def _load(
    cls: Any,
    config: dict[str, Any],
    model_storage: ModelStorage,
    resource: Resource,
    execution_context: ExecutionContext,
    **more: Any,
) -> DomainProvider:
    with model_storage.read_from(resource) as folder:
        quick = Path(folder) / DOMAIN
        if quick.is_file():
            return cls(model_storage, resource, Domain.from_dict(json.loads(quick.read_text(encoding="utf-8"))))
    return _load_slowly(cls, config, model_storage, resource, execution_context, **more)


def _merge(self: TrainingData, *others: TrainingData | None) -> TrainingData:
    there = [each for each in others if each is not None and not _is_empty(each)]
    if not there:
        return self
    return there[0] if _is_empty(self) and len(there) == 1 else _merge_all(self, *there)


def _is_empty(data: TrainingData) -> bool:
    parts = (data.training_examples, data.entity_synonyms, data.regex_features, data.lookup_tables, data.responses)
    return not any(parts)
