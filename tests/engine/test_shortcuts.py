"""Rasa's slow ways and the shortcuts lead to the same place."""

from pathlib import Path

import pytest

from bot.engine import slim  # noqa: F401  (before rasa)

# isort: split
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine import shortcuts

ROOT = Path(__file__).parent.parent.parent
CONTEXT = ExecutionContext(GraphSchema({}))


@pytest.fixture(autouse=True)
def installed() -> None:
    shortcuts.install()


@pytest.mark.filterwarnings("ignore:the load_module:DeprecationWarning")  # pykwalify's, which Rasa checks YAML with
@pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")  # Rasa says it of every domain with slots
@pytest.mark.parametrize("has_json", [True, False])
def test_the_domain_is_read_as_it_was_written(tmp_path: Path, has_json: bool) -> None:
    domain = Domain.from_path(ROOT / "domain.yml")
    storage, resource = LocalModelStorage.create(tmp_path), Resource("domain")
    DomainProvider.create({}, storage, resource, CONTEXT)._persist(domain)
    if not has_json:  # a model of an earlier version
        (tmp_path / "domain" / shortcuts.DOMAIN).unlink()
    read = DomainProvider.load({}, storage, resource, CONTEXT).provide_inference()
    assert read.as_dict() == domain.as_dict()
    assert read.fingerprint() == domain.fingerprint()


def test_merging_with_nothing_keeps_the_examples() -> None:
    one, nothing = TrainingData([Message.build("hello", "greet")]), TrainingData()
    for merged in (one.merge(nothing), one.merge(None), nothing.merge(one), one.merge(nothing, None)):
        assert merged.training_examples == one.training_examples
    assert nothing.merge(nothing).training_examples == []


def test_merging_with_something_still_merges() -> None:
    one, other = TrainingData([Message.build("hello", "greet")]), TrainingData([Message.build("bye", "leave")])
    assert len(one.merge(other).training_examples) == 2
    assert TrainingData(responses={"utter": [{"text": "hi"}]}).merge(one).responses == {"utter": [{"text": "hi"}]}
