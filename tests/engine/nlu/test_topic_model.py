"""A model trained on a few topics, with encoders that only count words: fusing, routing, keeping, losing an encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.engine.nlu.thresholds import Prices
from bot.engine.nlu.topic_model import TopicModel, route_of
from bot.engine.nlu.topic_training import Example, train_model

WORDS = {
    "report/noise": ("loud", "music", "party", "ruido", "fiesta"),
    "report/theft": ("stole", "stolen", "thief", "robaron", "ladron"),
    "oos/general": ("weather", "pizza", "joke", "clima", "chiste"),
    "emergency/fire_medical": ("fire", "burning", "ambulance", "fuego", "ambulancia"),
}
ALL_WORDS = [word for words in WORDS.values() for word in words]


class WordCounter:
    """A sentence encoder that knows the words above and nothing else."""

    dimension = len(ALL_WORDS) + 1

    def __init__(self, name: str) -> None:
        self.name = name

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([[*(word in text.split() for word in ALL_WORDS), 0.1] for text in texts], np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


ENCODERS = {name: WordCounter(name) for name in ("minilm", "use")}
LEADS = {"en": ("the", "a", "my", "some"), "es": ("el", "un", "mi", "la")}
EXAMPLES = [
    Example(f"{lead} {word}", language, topic)
    for topic, words in WORDS.items()
    for language, chosen in (("en", words[:3]), ("es", words[3:]))
    for word in chosen
    for lead in LEADS[language]
]


@pytest.fixture(scope="module")
def model() -> TopicModel:
    forms = {"report/theft": "leave_message"}
    return train_model(EXAMPLES, ENCODERS, forms=forms, buttons={"report/noise": ["report/theft"]}, prices=Prices())


@pytest.mark.parametrize(
    "text, language, topic",
    [
        ("LOUD party!!", "en", "report/noise"),
        ("me robaron", "es", "report/theft"),
        ("un chiste", "es", "oos/general"),
        ("burning 🔥", "en", "emergency/fire_medical"),
    ],
)
def test_the_right_topic_is_first(model: TopicModel, text: str, language: str, topic: str) -> None:
    assert model.rank(text, language, ENCODERS)[0][0] == topic


def test_probabilities_add_up_to_one(model: TopicModel) -> None:
    assert sum(p for _, p in model.rank("a loud thief", "en", ENCODERS)) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "  ", "🚓", "?!"])
def test_a_text_with_nothing_to_read_has_no_ranking(model: TopicModel, text: str) -> None:
    assert model.rank(text, "en", ENCODERS) == []


@pytest.mark.parametrize("left", [("use",), ("minilm",), ()])
@pytest.mark.parametrize("text, language", [("my stolen", "en"), ("mi robaron", "es")])
def test_what_is_left_still_answers(model: TopicModel, left: tuple[str, ...], text: str, language: str) -> None:
    remaining = {name: ENCODERS[name] for name in left}
    assert model.rank(text, language, remaining)[0][0] == "report/theft"


def test_a_saved_model_says_the_same(model: TopicModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = TopicModel.load(tmp_path)
    assert again.forms == {"report/theft": "leave_message"}
    assert again.thresholds == model.thresholds
    before, after = (each.rank("a loud thief", "en", ENCODERS) for each in (model, again))
    assert [topic for topic, _ in before] == [topic for topic, _ in after]
    assert [p for _, p in before] == pytest.approx([p for _, p in after], abs=1e-2)


def test_nothing_in_a_saved_model_is_code(model: TopicModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.npz"]
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fi" for name in arrays)


def test_only_english_has_a_route_of_its_own() -> None:
    assert [route_of(language) for language in ("en", "es", "fr")] == ["en", "other", "other"]


def test_the_figures_of_the_training_are_kept(model: TopicModel) -> None:
    assert model.facts["examples"] == len(EXAMPLES)
    assert {"accuracy:en", "accuracy:other", "calibration_error:en"} <= set(model.facts)
