"""How often two matters in one message are found, and seen where there is one: ``python -m benchmarks.two_matters``.

Trains on the topics' examples. Asks tests/engine/nlu/two_matters.yml for both its matters, and every example, which has
one, whether a second would be offered: by a model that has learnt it, and fold by fold by models that have not.
``--messages FILE`` (JSON lines {text, lang}) does the same with other messages, ``--show`` prints what was found.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from bot.core.decision import EMERGENCY_GROUP, decide, group_of
from bot.core.matters import danger_of, two_matters
from bot.core.phrasing import Phrasing
from bot.engine.nlu.encoders import open_encoders
from bot.engine.nlu.thresholds import Prices
from bot.engine.nlu.topic_model import TopicModel
from bot.engine.nlu.topic_training import Example, train_model
from bot.engine.nlu.vector_cache import VectorCache
from bot.evaluation.share import wilson
from bot.training.topic_files import read_topics

TWO = Path(__file__).parents[1] / "tests" / "engine" / "nlu" / "two_matters.yml"


@dataclass(frozen=True)
class Read:
    """One message: its parts, the topics found, and whether only a part of it called for the notice."""

    language: str
    text: str
    parts: int
    topics: tuple[str, ...]
    more_notice: bool


class Reader:
    """Reads messages as the classifier does."""

    def __init__(self, data: Path, vectors: Path) -> None:
        documents = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (data / "phrasing").glob("*.yml")}
        self.phrasing = Phrasing.from_data(documents)
        self.encoders = open_encoders(["minilm", "use"])
        self.cache = VectorCache(vectors)

    def train(self, examples: Sequence[Example]) -> TopicModel:
        return train_model(examples, self.encoders, forms={}, buttons={}, prices=Prices(), encode=self.cache.encode)

    def read(self, model: TopicModel, text: str, language: str) -> Read:
        parts = self.phrasing.parts(text, language)
        if not parts.texts:
            return Read(language, text, 1, (), False)
        whole = model.rank(text, language, self.encoders)
        rankings = model.rank_all(parts.texts, language, self.encoders)
        decision = decide(whole, model.thresholds, forms={})
        if decision.outcome.value in ("emergency", "handoff"):
            return Read(language, text, 1, (), False)
        found = two_matters(whole, rankings, loose=parts.loose) or ()
        notice = max(map(danger_of, rankings)) >= model.thresholds.notice
        topics = tuple(topic for topic, _ in found)
        return Read(language, text, len(parts.texts), topics, notice and not decision.notice)


def both(reader: Reader, model: TopicModel, *, show: bool) -> Iterator[str]:
    """A line a language: of the messages of two matters, how often both are found."""
    for language, messages in yaml.safe_load(TWO.read_text("utf-8")).items():
        right = offered = 0
        for message in messages:
            topics = reader.read(model, message["text"], language).topics
            wanted = [set(names.split("|")) for names in message["topics"]]
            is_right = len(topics) == 2 and all(names & set(topics) for names in wanted)
            right, offered = right + is_right, offered + bool(topics)
            if show and not is_right:
                yield f"  {topics or '-'}  {message['text']!r}"
        yield f"{language} two matters: both found {share(right, len(messages))}; a second offered {offered}"


def seconds(name: str, found: Iterable[Read], *, show: bool) -> Iterator[str]:
    """A line a language: of the messages of one matter, how often a second would be offered."""
    found = list(found)
    for language in sorted({one.language for one in found}):
        mine = [one for one in found if one.language == language]
        offered = [one for one in mine if one.topics]
        parted, notices = sum(one.parts > 1 for one in mine), sum(one.more_notice for one in mine)
        if show:
            yield from (f"  {one.topics}  {one.text!r}" for one in offered)
        yield (
            f"{language} {name}: a second offered {share(len(offered), len(mine))}; "
            f"read in parts {parted}, notice for a part alone {notices}"
        )


def share(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{hits}/{of} {hits / of:.1%} [{low:.1%}, {high:.1%}]"


def held_out(reader: Reader, examples: Sequence[Example], folds: int) -> Iterator[Read]:
    strata = [f"{example.topic}:{example.language}" for example in examples]
    for kept, left_out in StratifiedKFold(folds, shuffle=True, random_state=1).split(strata, strata):
        model = reader.train([examples[i] for i in kept])
        tested = [examples[i] for i in left_out if _is_calm(examples[i])]
        yield from (reader.read(model, example.text, example.language) for example in tested)


def _is_calm(example: Example) -> bool:
    return group_of(example.topic) != EMERGENCY_GROUP


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--vectors", type=Path, default=Path("var/vectors"), help="where encoded examples are kept")
    parser.add_argument("--folds", type=int, default=3, help="0 leaves out the held-out figures")
    parser.add_argument("--messages", type=Path, help="JSON lines {text, lang}: other messages")
    parser.add_argument("--show", action="store_true", help="and what was missed or offered")
    asked = parser.parse_args(arguments)
    examples = [
        Example(text, language, topic.id)
        for topic in read_topics(asked.data / "nlu")
        for language, texts in topic.examples.items()
        for text in texts
    ]
    with threadpool_limits(1):
        reader = Reader(asked.data, asked.vectors)
        model = reader.train(examples)
        lines = [*both(reader, model, show=asked.show)]
        learnt = (reader.read(model, example.text, example.language) for example in filter(_is_calm, examples))
        lines += seconds("examples, learnt", learnt, show=False)
        if asked.folds:
            lines += seconds("examples, held out", held_out(reader, examples, asked.folds), show=asked.show)
        if asked.messages:
            given = [json.loads(line) for line in asked.messages.read_text("utf-8").splitlines()]
            others = (reader.read(model, one["text"], one["lang"]) for one in given)
            lines += seconds(asked.messages.name, others, show=asked.show)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
