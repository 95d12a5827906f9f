"""The generated project is what Rasa's own readers take it for."""

from pathlib import Path

import pytest

from bot.engine import slim  # noqa: F401  (before rasa)
from bot.training.rasa_project import write_project
from tests.training.topics import topic

ROOT = Path(__file__).parents[2]
# Rasa's readers warn about their own libraries, and about forms that look to them like those of Rasa 2.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
AWKWARD = "dollars ${HOME} [or](money) \\u000a \"quoted\" 'x': - y # z"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    noise = topic(examples={"en": ("loud music", AWKWARD), "es": ("música alta",)}, buttons=("report/theft",))
    theft = topic("report/theft", form="leave_message", answer={"en": "One\nTwo ${HOME}", "es": "Uno\nDos"})
    write_project([noise, theft, topic("records/fees")], folder, root=ROOT, languages=["en", "es"])
    return folder


def test_rasas_reader_and_ours_read_the_same(project: Path) -> None:
    from rasa.shared.importers.rasa import RasaFileImporter

    from bot.engine.topic_importer import TopicImporter

    paths = (str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")])
    stock, ours = RasaFileImporter(*paths), TopicImporter(*paths)
    expected, found = ([message.data for message in each.get_nlu_data().training_examples] for each in (stock, ours))
    assert found == expected
    assert ours.get_domain().fingerprint() == stock.get_domain().fingerprint()
    assert [step.block_name for step in ours.get_stories().story_steps] == [
        step.block_name for step in stock.get_stories().story_steps
    ]


def test_awkward_texts_stay_texts(project: Path) -> None:
    from rasa.shared.core.domain import Domain
    from rasa.shared.nlu.training_data.loading import load_data

    texts = [message.get("text") for message in load_data(str(project / "data" / "nlu.yml")).intent_examples]
    assert AWKWARD.replace("[", "(").replace("]", ")") in texts
    responses = Domain.load(str(project / "domain.yml")).responses
    assert responses["utter_report/theft"][0]["text"] == "One\nTwo ${HOME}"


def test_each_group_has_an_intent_and_a_rule_and_each_topic_a_response(project: Path) -> None:
    from rasa.shared.core.domain import Domain

    domain = Domain.load(str(project / "domain.yml"))
    assert {"report", "records", "choices", "no_answer", "start_leave_message"} <= set(domain.intents)
    assert domain.responses["utter_records/fees"] == [
        {"text": "Call [[phone]] about report copy fee."},
        {
            "condition": [{"type": "slot", "name": "language", "value": "es"}],
            "text": "Llame al [[phone]] sobre report copy fee.",
        },
    ]
    written = (project / "data" / "topic_rules.yml").read_text(encoding="utf-8")
    assert written.count("utter_report") == written.count("utter_records") == 1


def test_the_components_are_told_of_forms_buttons_languages_and_phrasing(project: Path) -> None:
    from rasa.shared.utils.io import read_model_configuration

    language, classifier = read_model_configuration(str(project / "config.yml"))["pipeline"]
    assert language["languages"] == ["en", "es"]
    assert classifier["forms"] == {"report/theft": "leave_message"}
    assert classifier["buttons"] == {"report/noise": ["report/theft"]}
    assert list(classifier["phrasing"]) == ["en", "es"]
    assert set(classifier["phrasing"]["es"]) == {"language", "function_words", "parts", "follow_up", "picks"}
    assert language["function_words"]["es"] == classifier["phrasing"]["es"]["function_words"]
