"""The classifier without Rasa: text and language in, a calibrated probability for every topic out."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.decision import Scored, Thresholds
from bot.engine.nlu.calibration import softmax
from bot.engine.nlu.normalise import normalise
from bot.engine.nlu.panel import Panel
from bot.engine.nlu.sparse import LetterFeatures, NaiveBayes, count
from bot.engine.nlu.typos import Typos
from bot.engine.nlu.vector_cache import Encoder

FORMAT = 2
# Encoders leave Python while they compute, so two of them take the time of the slower one where a processor is free.
_BESIDE = ThreadPoolExecutor(max_workers=2, thread_name_prefix="encoder")
# Encoders that may vote for a language; any other language has OTHER's. An English-only encoder averaged in for
# Spanish costs 56 points of right answers (../shared/nlu.md, section 0).
ROUTES: Mapping[str, tuple[str, ...]] = {"en": ("minilm", "use")}
OTHER: tuple[str, ...] = ("use",)


def route_of(language: str) -> str:
    """The name of the head for `language`: the language itself where it has one, else "other"."""
    return language if language in ROUTES else "other"


@dataclass
class TopicModel:
    """`panels` and `temperatures` by route; `forms`: topic -> the form it opens; `facts`: figures of its training."""

    topics: list[str]
    panels: dict[str, Panel]
    letters: LetterFeatures
    bayes: NaiveBayes
    temperatures: dict[str, float]
    thresholds: Thresholds
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
        """`texts`: normalised, in one language. Returns n x topics; what is left votes where an encoder is missing."""
        route = route_of(language)
        names = [name for name in ROUTES.get(route, OTHER) if name in encoders]
        encoded = _BESIDE.map(lambda name: encoders[name].encode(texts), names)
        letters = self.bayes.log_probabilities(self.letters.rows(count(texts)))
        vectors = dict(zip(names, encoded, strict=True))
        panel = self.panels.get(route) or self.panels.get("other")
        fused = panel.fuse(vectors, letters) if panel else letters
        return softmax(fused / self.temperatures[route])

    def save(self, folder: Path) -> None:
        """Write `model.npz` and `model.json`; no pickle, so that loading a release runs nothing."""
        arrays: dict[str, NDArray[np.generic]] = {"idf": self.letters.idf}
        arrays["bayes"] = self.bayes.table.astype(np.float16)
        for route, panel in self.panels.items():
            arrays.update({f"panel:{route}:{name}": array for name, array in panel.arrays()})
        np.savez(folder / "model.npz", **arrays)
        (folder / "model.json").write_text(json.dumps(self._facts(), indent=1), encoding="utf-8")

    def _facts(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "topics": self.topics,
            "temperatures": self.temperatures,
            "thresholds": vars(self.thresholds),
            "words": self.typos.words,
            "forms": self.forms,
            "facts": self.facts,
        }

    @classmethod
    def load(cls, folder: Path) -> "TopicModel":
        """Read what `save` wrote; raises ValueError for another format."""
        kept = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise ValueError("This model was made by another version of Frontdesk: train a new release.")
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            panels = _panels(arrays, classes=len(kept["topics"]))
            letters = LetterFeatures(arrays["idf"])
            bayes = NaiveBayes(arrays["bayes"].astype(np.float32))
        return cls(
            topics=kept["topics"],
            panels=panels,
            letters=letters,
            bayes=bayes,
            temperatures=kept["temperatures"],
            thresholds=Thresholds(**kept["thresholds"]),
            typos=Typos(kept["words"]),
            forms=kept["forms"],
            facts=kept["facts"],
        )


def _panels(arrays: Mapping[str, NDArray[np.generic]], *, classes: int) -> dict[str, Panel]:
    parts: dict[str, dict[str, NDArray[np.generic]]] = {}
    for key in arrays:
        if key.startswith("panel:"):
            _, route, name = key.split(":", 2)
            parts.setdefault(route, {})[name] = arrays[key]
    return {route: Panel.from_arrays(each, classes=classes) for route, each in parts.items()}
