"""``make bench-nlu``: stock Rasa's default pipeline and ours, trained on the same topics, asked the same messages.

Both are asked in one run, a message about, each in one process pinned to the same core. QUICK=1 does all of it on 30
topics with 10 English examples each. The result is benchmarks/out/nlu.json.
"""

import argparse
import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.nlu import figures, ours, readers
from benchmarks.nlu.anchors import read_anchors
from benchmarks.nlu.material import Material, draw, with_messages
from benchmarks.sample import ROOT, TOPICS
from benchmarks.stock import project, training
from bot.core.refused import Refused
from bot.progress import bar
from bot.training.topic_files import read_topics

BUILD, OUT = ROOT / "build" / "nlu", ROOT / "benchmarks" / "out" / "nlu.json"
TRAIN = (project.RASA, "train", "nlu", "--domain", "domain.yml", "--fixed-model-name", "stock")


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _arguments(arguments)
    topics = read_topics(ROOT / "data" / "nlu")
    try:
        materials, absent = _materials(asked, topics)
    except Refused as refused:
        raise SystemExit(str(refused)) from refused
    wanted = {
        material.name: _trainings(material, retrieval=asked.retrieval and material.grouped, epochs=asked.epochs)
        for material in materials
    }
    _announce(wanted, share=1.0 if asked.epochs is None else asked.epochs / training.ALL_EPOCHS)
    result = {
        "quick": asked.quick,
        "stock_epochs": asked.epochs,
        "stock_intents": "retrieval intents" if asked.retrieval else "one intent a topic",
        "materials": [_measured(material, wanted[material.name], core=asked.core) for material in materials],
        "anchors_absent": absent,
        "load": [round(one, 1) for one in os.getloadavg()],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    print("\n".join([*figures.lines(result), f"written to {OUT.relative_to(ROOT)}"]))


def _materials(asked: argparse.Namespace, topics: Sequence[Any]) -> tuple[list[Material], list[str]]:
    chosen = topics if asked.topics is None else _first(topics, asked.topics)
    material = draw(chosen, languages=asked.languages, examples=asked.examples)
    if asked.messages:
        material = with_messages(material, asked.messages, known={topic.id for topic in topics})
    anchors, absent = read_anchors(asked.anchors, shots=asked.shots)
    return [material, *anchors], absent


def _first(topics: Sequence[Any], number: int) -> list[Any]:
    """`number` topics, those of the smaller benchmarks before the others."""
    return sorted(topics, key=lambda topic: TOPICS.index(topic.id) if topic.id in TOPICS else len(TOPICS))[:number]


def _trainings(material: Material, *, retrieval: bool, epochs: int | None) -> dict[str, training.Training]:
    """Stock's, one a language: each is kept by itself."""
    return {
        language: training.prepared(
            partial(project.write_nlu, material.topics, language=language, retrieval=retrieval, epochs=epochs),
            ROOT / "build" / ("stock-nlu" if epochs is None else f"stock-nlu-{epochs}-epochs"),
            TRAIN,
            examples=material.learnt(language),
        )
        for language in material.languages
    }


def _announce(wanted: dict[str, dict[str, training.Training]], *, share: float) -> None:
    """What is still to be trained and how long that is expected to take; `share`: of the epochs."""
    missing = [(name, language, one) for name, parts in wanted.items() for language, one in parts.items()
               if one.record is None]  # fmt: skip
    for name, language, one in missing:
        print(f"stock is to be trained on {name}, {language}: {one.examples} examples, "
              f"about {one.expected_seconds() * share / 60:.0f} min", flush=True)  # fmt: skip
    whole = share * sum(one.expected_seconds() for _, _, one in missing)
    print(f"Expected: {whole / 60:.0f} min for stock's trainings, each kept under build/stock-nlu, and 3 min or more "
          "for ours and for asking. An interrupted training goes on by itself.", flush=True)  # fmt: skip


def _measured(material: Material, wanted: dict[str, training.Training], *, core: int) -> dict[str, Any]:
    with bar(material.name) as told:
        records = {language: training.finish(one, progress=told) for language, one in wanted.items()}
        told("ours is training, cold and again", 0.0)
        model, own_training = ours.train(material, BUILD / "ours")
        parts = [
            _part(material, language, model, wanted[language].model, core=core, told=told)
            for language in material.languages
        ]
    took = figures.trainings([own_training["cold"]]), figures.trainings(records.values())
    return {
        "name": material.name,
        "topics": len(material.topics),
        "examples": {language: material.learnt(language) for language in material.languages},
        "asked": [one for part in parts for one in part.pop("asked")],
        "costs": parts,
        "training": figures.pair("all languages", *took),
        "training_again": own_training["again"],
        "stock_trainings": records,
    }


def _part(material: Material, language: str, model: Path, stock_model: Path, *, core: int, told: Any) -> dict[str, Any]:
    """The messages that stock's model of `language` reads, put to both."""
    lists = material.lists(language)
    told(f"{language}: both are starting", 0.0)
    with (
        readers.ours(model, BUILD / "ours.log", core=core) as here,
        readers.stock(stock_model, BUILD / "stock.log", core=core) as there,
    ):
        own, theirs = readers.read_both(here, there, [one.text for labels in lists.values() for one in labels], told)
        costs = [figures.costs(side.facts(), read) for side, read in ((here, own), (there, theirs))]
    names = {project.intent(topic.id): topic.id for topic in material.topics}
    theirs = [figures.stock_line(line, names) for line in theirs]
    return {"asked": figures.asked(lists, own, theirs), **figures.pair(language, *costs)}


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    quick = bool(os.environ.get("QUICK"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu", description=__doc__)
    parser.add_argument("--messages", type=Path, help="labelled messages, as for `frontdesk evaluate`")
    parser.add_argument("--anchors", type=Path, help="folder with CLINC150, BANKING77, HWU64 in few-shot form")
    parser.add_argument("--shots", type=int, default=5, help="examples an intent of the anchors: 5 or 10")
    parser.add_argument("--topics", type=int, default=30 if quick else None, help="how many topics; all if left out")
    parser.add_argument("--examples", type=int, default=10 if quick else None, help="examples a topic and language")
    parser.add_argument("--languages", nargs="+", default=["en"] if quick else ["en", "es"])
    parser.add_argument("--retrieval", action="store_true", help="give stock retrieval intents and ResponseSelector")
    parser.add_argument("--epochs", type=int, help="fewer for stock: its costs a message are the same, its answers not")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="the core both are pinned to")
    parser.set_defaults(quick=quick)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(
            "Interrupted. A training of stock's that has begun goes on; run again to pick it up."
        ) from None
