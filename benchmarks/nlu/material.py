"""What both sides learn and what they are asked: a draw of the topics' examples, never the same text in both."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core.decision import EMERGENCY_GROUP, REDIRECT_GROUPS, group_of
from bot.core.outcome import outcome_of
from bot.core.topic import Topic
from bot.engine.nlu.normalise import normalise
from bot.evaluation.label import Label, read_labels
from bot.evaluation.report import taught_texts

HELD_OUT = 5  # examples a topic and language, and never more than a quarter of them
LONGEST = 100_000  # characters of a message; nobody's limit is measured here


@dataclass(frozen=True)
class Material:
    """`topics` hold what is learnt; `asked` is a list of messages by where they are from.

    `grouped`: the topics' groups mean something, so that they could be retrieval intents.
    """

    name: str
    topics: Sequence[Topic]
    languages: Sequence[str]
    asked: dict[str, list[Label]]
    grouped: bool = True

    def learnt(self, language: str) -> int:
        return sum(len(topic.examples.get(language, ())) for topic in self.topics)

    def lists(self, language: str) -> dict[tuple[str, str], list[Label]]:
        """(where from, language) -> the messages that stock's model of `language` reads.

        Messages in a language without a model are read by the first, and stand in a list of their own.
        """
        found: dict[tuple[str, str], list[Label]] = {}
        for name, labels in self.asked.items():
            for label in labels:
                if language == (label.lang if label.lang in self.languages else self.languages[0]):
                    found.setdefault((name, label.lang), []).append(label)
        return found


def draw(topics: Sequence[Topic], *, languages: Sequence[str], examples: int | None) -> Material:
    """Hold out some examples of each topic and language, in the order of their texts' hashes, and keep `examples`."""
    learnt, held_out = list[Topic](), list[Label]()
    for topic in topics:
        kept: dict[str, tuple[str, ...]] = {}
        for language in languages:
            out = _out_of(topic.examples.get(language, ()))
            rest = tuple(text for text in topic.examples.get(language, ()) if text not in out)
            kept[language] = rest[:examples]
            held_out += [_label(text, language, topic.id) for text in out]
        learnt.append(replace(topic, examples=kept))
    unseen = _unseen(held_out, learnt)
    return Material("topics", learnt, tuple(languages), {"held out of the examples": unseen})


def with_messages(material: Material, file: Path, *, known: Iterable[str]) -> Material:
    """`material` and the messages of `file` that can be asked of it. `known`: every topic of the department.

    Left out: what its topics do not answer, unless it is out of scope, and texts that were learnt.
    """
    ids = {topic.id for topic in material.topics}
    labels = read_labels(file, topics=set(known), longest=LONGEST)
    fitting = [label for label in labels if label.acceptable & ids or label.expect == "out_of_scope"]
    return replace(material, asked={**material.asked, file.name: _unseen(fitting, material.topics)})


def _out_of(texts: Sequence[str]) -> set[str]:
    ordered = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).hexdigest())
    return set(ordered[: min(HELD_OUT, len(texts) // 4)])


def _unseen(labels: Sequence[Label], topics: Sequence[Topic]) -> list[Label]:
    """Without those whose text, normalised, some topic's examples hold all the same."""
    learnt = [text for topic in topics for texts in topic.examples.values() for text in texts]
    taught = {normalise(text) for text in taught_texts(labels, learnt)}
    return [label for label in labels if normalise(label.text) not in taught]


def _label(text: str, language: str, topic: str) -> Label:
    expect = outcome_of(topic).value
    if group_of(topic) in (*REDIRECT_GROUPS, EMERGENCY_GROUP):
        expect = "emergency" if group_of(topic) == EMERGENCY_GROUP else "out_of_scope"
    return Label(text, language, topic, (), expect, (), "held_out")
