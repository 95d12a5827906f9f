"""A model trained on a few topics, with encoders that only count words: fusing, routing, keeping, losing an encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.engine.nlu import topic_model
from bot.engine.nlu.thresholds import Prices
from bot.engine.nlu.topic_model import TopicModel, prior_of, route_of
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

    version = "1"
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


class Asked(WordCounter):
    """Notes what it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().encode(texts)


def test_english_alone_is_read_only_where_the_common_encoder_is_not_sure(
    model: TopicModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["the stolen party", "a loud music party"]
    alone, common = Asked("minilm"), Asked("use")
    first = {text: dict(model.rank(text, "en", {"use": common})) for text in texts}
    sure, unsure = sorted(texts, key=lambda text: -max(first[text].values()))
    monkeypatch.setattr(topic_model, "SURE", max(first[sure].values()) - 1e-6)
    both = {"minilm": alone, "use": common}
    rankings = dict(zip(texts, model.rank_all(texts, "en", both), strict=True))
    assert alone.texts == [unsure]
    assert dict(rankings[sure]) == pytest.approx(dict(model.rank(sure, "es", both)), abs=1e-5)
    monkeypatch.setattr(topic_model, "SURE", 2.0)
    assert dict(rankings[unsure]) == pytest.approx(dict(model.rank(unsure, "en", both)), abs=1e-5)


def test_a_saved_model_says_the_same(model: TopicModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = TopicModel.load(tmp_path)
    assert again.forms == {"report/theft": "leave_message"}
    assert again.thresholds == model.thresholds
    before, after = (each.rank("a loud thief", "en", ENCODERS) for each in (model, again))
    assert dict(after) == pytest.approx(dict(before), abs=1e-2)


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


def test_the_few_topics_out_of_scope_are_together_as_likely_as_their_share() -> None:
    topics = ["oos/general", "oos/legal_advice", *(f"report/t{i}" for i in range(18))]
    odds = np.exp(prior_of(topics, 0.2))
    assert odds[:2].sum() / odds.sum() == pytest.approx(0.2)
    assert (prior_of(topics[2:], 0.2) == 0).all()
