"""Which voters earn their place: ``python -m benchmarks.classify [--data data] [--folds 3]``.

Holds out the topics' own examples fold by fold and prints, a language and combination of voters a line: share right at
first and within three, calibration error after temperature scaling, and log loss. The examples were written to be
unlike one another, so these shares lie well below those on residents' messages; they are for comparing.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from bot.engine.nlu.calibration import calibration_error, fit_temperature, softmax
from bot.engine.nlu.encoders import open_encoders
from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import Neighbours
from bot.engine.nlu.normalise import normalise
from bot.engine.nlu.sparse import LetterFeatures, NaiveBayes, count
from bot.engine.nlu.vector_cache import VectorCache
from bot.training.topic_files import read_topics

Logs = dict[str, NDArray[np.float64]]
COMBINATIONS: dict[str, list[dict[str, float]]] = {
    "en": [
        {"letters": 1.0},
        {"minilm": 1.0},
        {"use": 1.0},
        {"minilm+use": 1.0},
        {"minilm+use": 0.8, "letters": 0.2},
        {"minilm+use": 0.6, "letters": 0.2, "near minilm": 0.1, "near use": 0.1},
        {"use": 0.6, "letters": 0.2, "near use": 0.2},
    ],
    "es": [
        {"letters": 1.0},
        {"minilm": 1.0},
        {"use": 1.0},
        {"minilm+use": 1.0},
        {"use": 0.8, "letters": 0.2},
        {"use": 0.6, "letters": 0.2, "near use": 0.2},
    ],
}


class Examples:
    """Every example as arrays: `vectors` encoder -> n x dimension, `labels`, `languages`, letter `counts`."""

    def __init__(self, data: Path, vectors: Path) -> None:
        topics = read_topics(data / "nlu")
        rows = [
            (normalise(text), language, place)
            for place, topic in enumerate(topics)
            for language, texts in topic.examples.items()
            for text in texts
        ]
        texts = [text for text, _, _ in rows]
        cache = VectorCache(vectors)
        self.vectors = {
            name: cache.encode(encoder, texts) for name, encoder in open_encoders(["minilm", "use"]).items()
        }
        self.languages = np.array([language for _, language, _ in rows])
        self.labels = np.array([place for _, _, place in rows])
        self.counts = count(texts)
        self.classes = len(topics)


def held_out(examples: Examples, language: str, folds: int) -> tuple[Logs, float]:
    """Each voter's log probabilities of the language's examples, and the processor seconds of all the fitting."""
    asked = examples.languages == language
    logs: Logs = {}
    began = time.process_time()
    strata = [f"{label}:{spoken}" for label, spoken in zip(examples.labels, examples.languages, strict=True)]
    for kept, left_out in StratifiedKFold(folds, shuffle=True, random_state=0).split(strata, strata):
        tested = left_out[asked[left_out]]
        for name, said in _voters(examples, language, kept, tested).items():
            logs.setdefault(name, np.zeros((len(asked), examples.classes)))[tested] = said
    return {name: said[asked] for name, said in logs.items()}, time.process_time() - began


def _voters(examples: Examples, language: str, kept: NDArray[np.int64], tested: NDArray[np.int64]) -> Logs:
    taught = kept[examples.languages[kept] == "en"] if language == "en" else kept
    labels, classes = examples.labels, examples.classes
    logs: Logs = {}
    for names in (("minilm",), ("use",), ("minilm", "use")):
        head = LinearHead.fitted(
            {name: examples.vectors[name][taught] for name in names}, labels[taught], classes=classes
        )
        logs["+".join(names)] = head.log_probabilities({name: examples.vectors[name][tested] for name in names})
    for name, vectors in examples.vectors.items():
        near = Neighbours.fitted(vectors[taught], labels[taught], classes=classes)
        logs[f"near {name}"] = _normalised(near.votes(vectors[tested]))
    letters = LetterFeatures.fitted(examples.counts[kept])
    bayes = NaiveBayes.fitted(letters.rows(examples.counts[kept]), labels[kept], classes=classes)
    logs["letters"] = bayes.log_probabilities(letters.rows(examples.counts[tested]))
    return logs



def _normalised(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(np.maximum(softmax(votes), 1e-300))

def line(logs: Logs, weights: dict[str, float], labels: NDArray[np.int64]) -> str:
    fused = sum(weight * logs[name] for name, weight in weights.items())
    assert isinstance(fused, np.ndarray)
    probabilities = softmax(fused / fit_temperature(fused, labels))
    order = np.argsort(-probabilities, axis=1)
    first, three = order[:, 0] == labels, (order[:, :3] == labels[:, None]).any(axis=1)
    error = calibration_error(probabilities.max(axis=1), first)
    loss = -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)).mean()
    voters = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    return f"{first.mean():7.1%} {three.mean():7.1%} {error:7.3f} {loss:7.3f}   {voters}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--vectors", type=Path, default=Path("var/vectors"), help="where encoded examples are kept")
    parser.add_argument("--folds", type=int, default=3)
    asked = parser.parse_args(arguments)
    with threadpool_limits(1):
        examples = Examples(asked.data, asked.vectors)
        for language, combinations in COMBINATIONS.items():
            logs, seconds = held_out(examples, language, asked.folds)
            labels = examples.labels[examples.languages == language]
            print(f"{language}: {len(labels)} examples, {examples.classes} topics, {seconds:.0f} processor seconds")
            print("  first   three     ece    loss   voters")
            print("\n".join(line(logs, weights, labels) for weights in combinations))


if __name__ == "__main__":
    main()
