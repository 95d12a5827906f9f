"""Fitting a TopicModel: its panels on all examples, temperatures and thresholds on held-out predictions."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.engine.nlu.calibration import MESSAGES, fit_temperature
from bot.engine.nlu.held_out import figures, rankings
from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import Neighbours
from bot.engine.nlu.normalise import normalise
from bot.engine.nlu.panel import WEIGHTS, Panel, parts_of
from bot.engine.nlu.sparse import LetterFeatures, NaiveBayes, count
from bot.engine.nlu.thresholds import Buttons, Prices, choose_thresholds
from bot.engine.nlu.topic_model import OTHER, ROUTES, TopicModel, prior_of, route_of
from bot.engine.nlu.typos import Typos
from bot.engine.nlu.vector_cache import Encoder, Progress, encode_in_steps

FOLDS = 3
# With more examples than this a third of them, held out once, is enough to choose a few numbers on.
FEW = 6000
# The head of the other languages learns from English too, and a third of the English examples teach it as much as all.
BORROWED = 3
Encode = Callable[[Encoder, Sequence[str], Progress], NDArray[np.float32]]


@dataclass(frozen=True)
class Example:
    text: str
    language: str
    topic: str


@dataclass
class _Data:
    """The examples as arrays. `vectors`: encoder -> n x dimension, zeros in rows no head reads; `counting` goes on
    while the heads, which do not need it, are fitted."""

    texts: list[str]
    languages: NDArray[np.str_]
    labels: NDArray[np.int64]
    topics: list[str]
    vectors: dict[str, NDArray[np.float32]]
    counting: Future[csr_matrix]

    @property
    def counts(self) -> csr_matrix:
        return self.counting.result()

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
        whole = pool.map(lambda route: _fit(data, route, data.rows_of(route)), routes)
        tested = pool.map(lambda route: _held_out(data, route), routes)
        sparse = pool.submit(_fit_letters, data)
        typos = pool.submit(Typos.learnt, data.texts, data.languages.tolist())
        held_out = dict(zip(routes, tested, strict=True))
        fitted = dict(zip(routes, whole, strict=True))
    progress("fit", 1, 1)
    of_examples = {route: fit_temperature(logs, data.labels[rows]) for route, (rows, logs) in held_out.items()}
    temperatures = {route: MESSAGES * temperature for route, temperature in of_examples.items()}
    prior = prior_of(data.topics, prices.out_of_scope_share)
    facts: dict[str, object] = {"examples": len(data.texts), "topics": len(data.topics)}
    facts |= figures(data.labels, held_out, of_examples, prior)
    ranked, right = rankings(data.topics, data.labels, held_out, temperatures, prior)
    thresholds = choose_thresholds(ranked, right, prices, buttons=buttons)
    letters, bayes = sparse.result()
    panels = {route: panel for route, panel in fitted.items() if panel is not None}
    return TopicModel(
        topics=data.topics,
        panels=panels,
        letters=letters,
        bayes=bayes,
        temperatures=temperatures,
        thresholds=thresholds,
        prior=prior,
        typos=typos.result(),
        forms=dict(forms),
        facts=facts,
    )


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
    counter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")
    counting = counter.submit(count, texts)
    counter.shutdown(wait=False)
    return _Data(texts, languages, labels, topics, vectors, counting)


def _fit(data: _Data, route: str, rows: NDArray[np.int64]) -> Panel | None:
    names = [name for name in ROUTES.get(route, OTHER) if name in data.vectors]
    if not names or len(set(data.labels[rows])) < 2:
        return None
    lessons = rows[_taught(data, route, rows)]
    vectors = {name: data.vectors[name][lessons] for name in names}
    head = LinearHead.fitted(vectors, data.labels[lessons], classes=len(data.topics))
    near = {group: _neighbours(data, group, rows) for group in WEIGHTS[route].near if parts_of(group)[0] in names}
    weights = WEIGHTS[route].learnt_from(len(rows) / len(data.topics))
    return Panel(head, {group: found for group, found in near.items() if found is not None}, weights)


def _neighbours(data: _Data, group: str, rows: NDArray[np.int64]) -> Neighbours | None:
    encoder, language = parts_of(group)
    mine = rows[[route_of(str(data.languages[i])) == (language if language in ROUTES else "other") for i in rows]]
    if not len(mine):
        return None
    return Neighbours.fitted(data.vectors[encoder][mine], data.labels[mine], classes=len(data.topics))


def _fit_letters(data: _Data) -> tuple[LetterFeatures, NaiveBayes]:
    letters = LetterFeatures.fitted(data.counts)
    return letters, NaiveBayes.fitted(letters.rows(data.counts), data.labels, classes=len(data.topics))


def _taught(data: _Data, route: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places in `rows` that a route's head learns from: its own languages' examples, and some of the borrowed ones."""
    mine = np.array([route_of(str(data.languages[i])) == route for i in rows])
    borrowed = np.flatnonzero(~mine)
    return np.sort(np.concatenate([np.flatnonzero(mine), borrowed[::BORROWED] if mine.any() else borrowed]))


def _held_out(data: _Data, route: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows in this route's language(s) and their fused log probabilities from models that never saw them."""
    rows = data.rows_of(route)
    asked = [i for i in rows if route_of(str(data.languages[i])) == route] or list(rows)
    logs = np.zeros((len(data.texts), len(data.topics)))
    folds = np.array([_fold_of(data.texts[i]) for i in rows])
    rounds = range(FOLDS if len(rows) <= FEW else 1)
    for fold in rounds:
        kept, tested = rows[folds != fold], np.intersect1d(rows[folds == fold], asked)
        if len(tested) and len(kept):
            logs[tested] = _predict(data, route, kept, tested)
    seen = np.array([i for i in asked if _fold_of(data.texts[i]) in rounds])
    return seen, logs[seen]


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
    return panel.fuse({name: data.vectors[name][tested] for name in panel.head.weights}, sparse, {})
