"""Fitting a TopicModel: its panels on all examples, temperatures and thresholds on out-of-fold predictions."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.core.decision import Scored
from bot.engine.nlu.calibration import calibration_error, fit_temperature, softmax
from bot.engine.nlu.normalise import normalise
from bot.engine.nlu.panel import Panel
from bot.engine.nlu.sparse import LetterFeatures, NaiveBayes, count
from bot.engine.nlu.thresholds import Buttons, Prices, choose_thresholds
from bot.engine.nlu.topic_model import OTHER, ROUTES, TopicModel, route_of
from bot.engine.nlu.typos import Typos
from bot.engine.nlu.vector_cache import Encoder, Progress, encode_in_steps

FOLDS = 3
MOST_WEIGHED = 8000
HeldOut = Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Route -> (rows, their log probabilities, rows x topics)."""
Encode = Callable[[Encoder, Sequence[str], Progress], NDArray[np.float32]]


@dataclass(frozen=True)
class Example:
    text: str
    language: str
    topic: str


@dataclass
class _Data:
    """The examples as arrays. `vectors`: encoder -> n x dimension, zeros in rows no head reads."""

    texts: list[str]
    languages: NDArray[np.str_]
    labels: NDArray[np.int64]
    topics: list[str]
    vectors: dict[str, NDArray[np.float32]]
    counts: csr_matrix

    def rows_of(self, route: str) -> NDArray[np.int64]:
        """Which rows teach a route: its own language's, and for the others' route every row."""
        mine = np.ones(len(self.texts), bool) if route == "other" else self.languages == route
        return np.flatnonzero(mine)


def train_model(
    examples: Sequence[Example],
    encoders: Mapping[str, Encoder],
    *,
    forms: Mapping[str, str],
    buttons: Buttons,
    prices: Prices,
    encode: Encode = encode_in_steps,
    progress: Progress = lambda stage, done, total: None,
) -> TopicModel:
    """Train on `examples` (two topics or more). `buttons`: where each answer leads, for the price of a wrong one.

    `encode` may answer from a cache; `progress` hears (stage, done, total).
    """
    data = _read(examples, encoders, encode, progress)
    routes = [*(route for route in ROUTES if len(data.rows_of(route))), "other"]
    progress("fit", 0, 1)
    with ThreadPoolExecutor(max_workers=2) as pool:
        held_out = dict(zip(routes, pool.map(lambda route: _held_out(data, route), routes), strict=True))
        whole = pool.map(lambda route: _fit(data, route, data.rows_of(route)), routes)
        fitted = dict(zip(routes, whole, strict=True))
    progress("fit", 1, 1)
    temperatures = {route: fit_temperature(logs, data.labels[rows]) for route, (rows, logs) in held_out.items()}
    rankings, right, facts = _out_of_fold(data, held_out, temperatures)
    thresholds = choose_thresholds(rankings, right, prices, buttons=buttons)
    letters = LetterFeatures.fitted(data.counts)
    bayes = NaiveBayes.fitted(letters.rows(data.counts), data.labels, classes=len(data.topics))
    panels = {route: panel for route, panel in fitted.items() if panel is not None}
    typos = Typos.learnt(data.texts, data.languages.tolist())
    return TopicModel(data.topics, panels, letters, bayes, temperatures, thresholds, typos, dict(forms), facts)


def _read(examples: Sequence[Example], encoders: Mapping[str, Encoder], encode: Encode, progress: Progress) -> _Data:
    texts = [normalise(example.text) for example in examples]
    languages = np.array([example.language for example in examples])
    topics = sorted({example.topic for example in examples})
    labels = np.array([topics.index(example.topic) for example in examples], np.int64)


    def encoded(name: str) -> NDArray[np.float32]:
        wanted = [i for i, language in enumerate(languages) if name in OTHER or name in ROUTES.get(str(language), ())]
        rows = np.zeros((len(texts), encoders[name].dimension), np.float32)
        rows[wanted] = encode(encoders[name], [texts[i] for i in wanted], progress)
        return rows

    with ThreadPoolExecutor(max_workers=2) as pool:  # encoders leave Python while they compute
        vectors = dict(zip(encoders, pool.map(encoded, encoders), strict=True))
    return _Data(texts, languages, labels, topics, vectors, count(texts))


def _fit(data: _Data, route: str, rows: NDArray[np.int64]) -> Panel | None:
    names = [name for name in ROUTES.get(route, OTHER) if name in data.vectors]
    if not names or len(set(data.labels[rows])) < 2:
        return None
    vectors = {name: data.vectors[name][rows] for name in names}
    return Panel.fitted(vectors, data.labels[rows], classes=len(data.topics))


def _held_out(data: _Data, route: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows in this route's language(s) and their fused log probabilities from models that never saw them."""
    rows = data.rows_of(route)
    asked = [i for i in rows if route_of(str(data.languages[i])) == route] or list(rows)
    logs = np.zeros((len(data.texts), len(data.topics)))
    folds = np.array([_fold_of(data.texts[i]) for i in rows])
    for fold in range(FOLDS):
        kept, tested = rows[folds != fold], np.intersect1d(rows[folds == fold], asked)
        if len(tested) and len(kept):
            logs[tested] = _predict(data, route, kept, tested)
    return np.array(asked), logs[asked]


def _fold_of(text: str) -> int:
    """By the text alone: an edit elsewhere leaves it where it was, so that two trainings compare."""
    return zlib.crc32(text.encode()) % FOLDS


def _predict(data: _Data, route: str, kept: NDArray[np.int64], tested: NDArray[np.int64]) -> NDArray[np.float64]:
    # The letters learn from every language, so an English model's letters also hold out the tested rows only.
    known = np.setdiff1d(np.arange(len(data.texts)), tested)
    letters = LetterFeatures.fitted(data.counts[known])
    rows = letters.rows(data.counts)
    bayes = NaiveBayes.fitted(rows[known], data.labels[known], classes=len(data.topics))
    sparse = bayes.log_probabilities(rows[tested])
    panel = _fit(data, route, kept)
    if panel is None:
        return sparse
    return panel.fuse({name: data.vectors[name][tested] for name in panel.head.weights}, sparse)


def _out_of_fold(
    data: _Data, held_out: HeldOut, temperatures: Mapping[str, float]
) -> tuple[list[list[Scored]], list[str], dict[str, object]]:
    """(rankings, right topics, figures by route) of examples as a model that never saw them ranks the topics.

    The figures are of all; at most MOST_WEIGHED, evenly drawn, are ranked, which the thresholds are chosen on.
    """
    rankings, right = [], []
    facts: dict[str, object] = {"examples": len(data.texts), "topics": len(data.topics)}
    for route, (rows, logs) in held_out.items():
        probabilities = softmax(logs / temperatures[route])
        hits = probabilities.argmax(axis=1) == data.labels[rows]
        facts[f"accuracy:{route}"] = round(float(hits.mean()), 4)
        facts[f"calibration_error:{route}"] = round(calibration_error(probabilities.max(axis=1), hits), 4)
        drawn = slice(None, None, -(-len(rows) * len(held_out) // MOST_WEIGHED))
        rankings += [[(data.topics[i], float(row[i])) for i in np.argsort(-row)] for row in probabilities[drawn]]
        right += [data.topics[label] for label in data.labels[rows][drawn]]
    return rankings, right, facts
