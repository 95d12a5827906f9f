"""The classifier without Rasa: text and language in, a calibrated probability for every topic out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.decision import REDIRECT_GROUPS, Scored, Thresholds, group_of
from bot.core.model_format import MODEL_FORMAT
from bot.engine.nlu.calibration import of_messages
from bot.engine.nlu.linear_head import LinearHead
from bot.engine.nlu.neighbours import Neighbours
from bot.engine.nlu.normalise import normalise
from bot.engine.nlu.panel import WEIGHTS, Panel, Votes
from bot.engine.nlu.sparse import LetterFeatures, NaiveBayes, count
from bot.engine.nlu.typos import Typos
from bot.engine.nlu.vector_cache import Encoder

# Encoders that may vote for a language; any other language has OTHER's. An English-only encoder averaged in for
# Spanish costs 56 points of right answers (../shared/nlu.md, section 0).
ROUTES: Mapping[str, tuple[str, ...]] = {"en": ("minilm", "use")}
OTHER: tuple[str, ...] = ("use",)
# Where OTHER is this sure of a topic a language's own route agrees (docs/nlu.md).
SURE = 0.9


def prior_of(topics: Sequence[str], share: float) -> NDArray[np.float64]:
    """Log odds a topic: zero, and for the few out-of-scope ones what makes them `share` of all messages together."""
    outside = np.array([group_of(topic) in REDIRECT_GROUPS for topic in topics])
    if outside.all() or not outside.any():
        return np.zeros(len(topics))
    odds = share / (1 - share)
    return np.where(outside, np.log(odds * (~outside).sum() / outside.sum()), 0.0)


def route_of(language: str) -> str:
    """The name of the head for `language`: the language itself where it has one, else "other"."""
    return language if language in ROUTES else "other"


@dataclass
class TopicModel:
    """`panels` and `temperatures` by route; `prior`: what each topic's log probability gains for being asked more often
    than others; `forms`: topic -> the form it opens; `facts`: figures of its training."""

    topics: list[str]
    panels: dict[str, Panel]
    letters: LetterFeatures
    bayes: NaiveBayes
    temperatures: dict[str, float]
    thresholds: Thresholds
    prior: NDArray[np.float64]
    typos: Typos = field(default_factory=lambda: Typos({}))
    forms: dict[str, str] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)

    def rank(self, text: str, language: str, encoders: Mapping[str, Encoder]) -> list[Scored]:
        """Every topic with its probability, best first; an empty list for a text with nothing to read in it."""
        return self.rank_all([text], language, encoders)[0]

    def rank_all(self, texts: Sequence[str], language: str, encoders: Mapping[str, Encoder]) -> list[list[Scored]]:
        """`rank` of each of `texts`, encoded together."""
        plain = [self.typos.mended(normalise(text), language) for text in texts]
        readable = [text for text in plain if any(sign.isalnum() for sign in text)]
        rows = iter(self.probabilities(readable, language, encoders) if readable else ())
        return [self._ranking(next(rows)) if text in readable else [] for text in plain]

    def _ranking(self, probabilities: NDArray[np.float64]) -> list[Scored]:
        return [(self.topics[i], float(probabilities[i])) for i in np.argsort(-probabilities)]

    def probabilities(
        self, texts: Sequence[str], language: str, encoders: Mapping[str, Encoder]
    ) -> NDArray[np.float64]:
        """`texts`: normalised, in one language. Returns n x topics; what is left votes where an encoder is missing.

        What the encoder of all languages is sure of no other is asked about; MiniLM would take three times as long.
        """
        route = route_of(language)
        letters = self.bayes.log_probabilities(self.letters.rows(count(texts)))
        common = [name for name in OTHER if name in encoders]
        vectors = {name: encoders[name].encode(texts) for name in common}
        votes: Votes = {}
        if route == "other" or "other" not in self.panels or not common:
            unsure, found = np.arange(len(texts)), np.zeros((len(texts), len(self.topics)))
        else:
            found = self._fused("other", vectors, letters, votes)
            unsure = np.flatnonzero(found.max(axis=1) < SURE)
        if len(unsure):
            wanted = [name for name in ROUTES.get(route, OTHER) if name in encoders]
            rest = {n: encoders[n].encode([texts[i] for i in unsure]) for n in wanted if n not in vectors}
            known = {name: rows[unsure] for name, rows in vectors.items() if name in wanted}
            heard = {group: vote[unsure] for group, vote in votes.items()}
            found[unsure] = self._fused(route, known | rest, letters[unsure], heard)
        return found

    def _fused(
        self, route: str, vectors: Mapping[str, NDArray[np.float32]], letters: NDArray[np.float64], votes: Votes
    ) -> NDArray[np.float64]:
        panel = self.panels.get(route) or self.panels.get("other")
        fused = panel.fuse(vectors, letters, votes) if panel else letters
        return of_messages(fused, self.temperatures[route], self.prior)

    def save(self, folder: Path) -> None:
        """Write `model.npz` and `model.json`; no pickle, so that loading a release runs nothing."""
        arrays: dict[str, NDArray[np.generic]] = {"idf": self.letters.idf}
        arrays["bayes"] = self.bayes.table.astype(np.float16)
        for route, panel in self.panels.items():
            arrays[f"head:{route}:bias"] = panel.head.bias
            arrays |= {f"head:{route}:weights:{name}": matrix for name, matrix in panel.head.weights.items()}
            for group, neighbours in panel.near.items():  # one that two panels share is the same in both
                arrays |= {f"near:{group}:{name}": array for name, array in neighbours.arrays()}
        np.savez(folder / "model.npz", **arrays)
        (folder / "model.json").write_text(json.dumps(self._facts(), indent=1), encoding="utf-8")

    def _facts(self) -> dict[str, object]:
        return {
            "format": MODEL_FORMAT,
            "topics": self.topics,
            "temperatures": self.temperatures,
            "letters": {route: panel.weights.letters for route, panel in self.panels.items()},
            "thresholds": vars(self.thresholds),
            "prior": self.prior.tolist(),
            "words": self.typos.words,
            "forms": self.forms,
            "facts": self.facts,
        }

    @classmethod
    def load(cls, folder: Path) -> "TopicModel":
        """Read what `save` wrote; raises ValueError for another format."""
        kept = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if kept["format"] != MODEL_FORMAT:
            raise ValueError("This model was made by another version of Frontdesk: train a new release.")
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            panels = _panels(arrays, letters=kept["letters"], classes=len(kept["topics"]))
            letters = LetterFeatures(arrays["idf"])
            bayes = NaiveBayes(arrays["bayes"].astype(np.float32))
        return cls(
            topics=kept["topics"],
            panels=panels,
            letters=letters,
            bayes=bayes,
            temperatures=kept["temperatures"],
            thresholds=Thresholds(**kept["thresholds"]),
            prior=np.array(kept["prior"], np.float64),
            typos=Typos(kept["words"]),
            forms=kept["forms"],
            facts=kept["facts"],
        )


def _panels(
    arrays: Mapping[str, NDArray[np.generic]], *, letters: Mapping[str, float], classes: int
) -> dict[str, Panel]:
    groups = {group for weights in WEIGHTS.values() for group in weights.near}
    near = {
        group: Neighbours.from_arrays(_under(f"near:{group}:", arrays), classes=classes)
        for group in groups
        if f"near:{group}:labels" in arrays
    }
    panels = dict[str, Panel]()
    for route, weights in WEIGHTS.items():
        kept = {name: array.astype(np.float32) for name, array in _under(f"head:{route}:", arrays).items()}
        if kept:
            head = LinearHead(_under("weights:", kept), kept["bias"])
            known = {group: near[group] for group in weights.near if group in near}
            panels[route] = Panel(head, known, weights.with_letters(letters[route]))
    return panels


def _under(beginning: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(beginning): arrays[name] for name in arrays if name.startswith(beginning)}
