"""``python -m bot.engine.build_model``: a Rasa project to a model archive, and questions to what it makes of them.

The training room runs it as a process of its own: it is the only part of a training that needs Rasa. Standard output
carries JSON lines only: progress, and at the end one line {"model": path}.
"""

import argparse
import contextlib
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import Any

MODEL = "model.tar.gz"
# Questions that are read together: some fifty megabytes beside the examples.
_TOGETHER = 128


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    os.environ.update(RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", TQDM_DISABLE="1")
    lines = sys.stdout
    # Rasa prints to standard output as it pleases; the caller reads JSON there.
    with contextlib.redirect_stdout(sys.stderr):
        _quieten()
        from bot.engine.nlu.progress import report, tell

        tell(lines)
        if asked.wait:
            _get_ready()
            if not sys.stdin.readline():
                return 0  # nobody wants a model after all
        report("start", 0, 1)
        model = train(asked.project, asked.out)
        if asked.ask:
            questions = [json.loads(line) for line in asked.ask.read_text("utf-8").splitlines()]
            prime(questions)
            with asked.answers.open("w", encoding="utf-8") as out:
                for place, answer in enumerate(parse(model, questions)):
                    out.write(json.dumps(answer) + "\n")
                    if place % 50 == 0:
                        report("ask", place, len(questions))
            report("ask", 1, 1)
    print(json.dumps({"model": str(model)}), file=lines, flush=True)
    return 0


def train(project: Path, out: Path) -> Path:
    """Train the project in `project`, return the archive `out`/model.tar.gz. Raises RuntimeError if Rasa made none."""
    from bot.engine import slim  # noqa: F401  (before rasa)

    # isort: split
    from rasa.model_training import train as train_rasa

    from bot.engine import shortcuts

    _pack_quickly()
    shortcuts.install()
    result = train_rasa(
        domain=str(project / "domain.yml"),
        config=str(_config_with_fast_reader(project)),
        training_files=[str(project / "data")],
        output=str(out),
        fixed_model_name=MODEL.removesuffix(".tar.gz"),
        force_training=True,
    )
    if result.code or not (out / MODEL).is_file():
        raise RuntimeError(f"Rasa made no model (code {result.code}).")
    return out / MODEL


def prime(questions: Sequence[dict[str, Any]]) -> None:
    """Encode all questions together, or take their vectors from the cache, where a training keeps one."""
    from bot.engine.nlu.encoders import remember
    from bot.engine.nlu.normalise import normalise
    from bot.engine.nlu.topic_model import OTHER, ROUTES
    from bot.engine.nlu.vector_cache import CACHE_VARIABLE, VectorCache

    folder = os.environ.get(CACHE_VARIABLE)
    if not folder:
        return
    cache = VectorCache(Path(folder) / "asked")
    for name in {*OTHER, *(name for names in ROUTES.values() for name in names)}:
        spoken = [code for code, names in ROUTES.items() if name in names]
        fit = [question for question in questions if name in OTHER or question.get("language", spoken[0]) in spoken]
        remember(name, list(dict.fromkeys(normalise(question["text"]) for question in fit)), cache)


def parse(model: Path, questions: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the trained model says of each {"text", "language"?}: {"language", "frontdesk"}, as the engine reads it."""
    from bot.engine import slim  # noqa: F401  (before rasa)
    from bot.engine.action_endpoint import ActionEndpoint
    from bot.engine.processor import TurnProcessor

    # Understanding a message calls no action, so there is nobody at this address.
    processor = TurnProcessor(model, ActionEndpoint("", ""))
    for together in batched(questions, _TOGETHER):
        for said in processor.classify_all([_message(question) for question in together]):
            yield {"language": said.get("language"), "frontdesk": said["frontdesk"]}


def _message(question: Mapping[str, Any]) -> dict[str, Any]:
    chosen = question.get("language")
    return {"text": question["text"], "language": chosen or "en", "language_chosen": bool(chosen)}


def _get_ready() -> None:
    """Import and open what takes seconds and does not depend on the project."""
    from bot.engine import slim  # noqa: F401  (before rasa)

    # isort: split
    import rasa.model_training  # noqa: F401
    import sklearn.linear_model  # noqa: F401

    from bot.engine import processor  # noqa: F401
    from bot.engine.nlu import topic_classifier
    from bot.engine.nlu.encoders import open_encoders

    open_encoders(topic_classifier.TopicClassifier.get_default_config()["encoders"])


def _config_with_fast_reader(project: Path) -> Path:
    config = project / "config.fast.yml"
    importer = "importers:\n- name: bot.engine.topic_importer.TopicImporter\n"
    config.write_text((project / "config.yml").read_text("utf-8") + importer, encoding="utf-8")
    return config


def _pack_quickly() -> None:
    """Rasa packs models at gzip's slowest level, which takes four seconds, and unpacks one twice to load it. Vectors
    hardly get smaller at any level, so they are packed as they are: 20 MB instead of 15."""
    from tarsafe import TarSafe

    open_slowly = TarSafe.gzopen.__func__

    def gzopen(cls: Any, name: Any, mode: str = "r", fileobj: Any = None, compresslevel: int = 0, **more: Any) -> Any:
        return open_slowly(cls, name, mode, fileobj, compresslevel, **more)

    TarSafe.gzopen = classmethod(gzopen)


def _quieten() -> None:
    """Warnings and errors of a training only: it reads topics, never a resident's text, so whole lines may stand."""
    import structlog

    logging.basicConfig(level=logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # Rasa warns about forms written in the way of Rasa 2, which it mistakes these for.
    warnings.filterwarnings("ignore", module="rasa")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True, help="the folder with config.yml, domain.yml and data/")
    parser.add_argument("--out", type=Path, required=True, help=f"where {MODEL} is written")
    parser.add_argument("--ask", type=Path, help='JSON lines {"text", "language"?} to put to the new model')
    parser.add_argument("--answers", type=Path, help="where its answers to --ask are written, a line each")
    parser.add_argument("--wait", action="store_true", help="get ready, and begin when a line comes on standard input")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
