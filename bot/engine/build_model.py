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
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

MODEL = "model.tar.gz"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    os.environ.update(RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", TQDM_DISABLE="1")
    lines = sys.stdout
    # Rasa prints to standard output as it pleases; the caller reads JSON there.
    with contextlib.redirect_stdout(sys.stderr):
        _quieten()
        from bot.engine.nlu.progress import report, tell

        tell(lines)
        report("start", 0, 1)
        model = train(asked.project, asked.out)
        if asked.ask:
            questions = [json.loads(line) for line in asked.ask.read_text("utf-8").splitlines()]
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

    _pack_quickly()
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


def parse(model: Path, questions: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the trained model says of each {"text", "language"?}: {"language", "frontdesk"}, as the engine reads it."""
    from bot.engine import slim  # noqa: F401  (before rasa)
    from bot.engine.action_endpoint import ActionEndpoint
    from bot.engine.processor import TurnProcessor

    # Understanding a message calls no action, so there is nobody at this address.
    processor = TurnProcessor(model, ActionEndpoint("", ""))
    for question in questions:
        chosen = question.get("language")
        said = processor.classify(question["text"], language=chosen or "en", language_chosen=bool(chosen))
        yield {"language": said.get("language"), "frontdesk": said["frontdesk"]}


def _config_with_fast_reader(project: Path) -> Path:
    config = project / "config.fast.yml"
    importer = "importers:\n- name: bot.engine.topic_importer.TopicImporter\n"
    config.write_text((project / "config.yml").read_text("utf-8") + importer, encoding="utf-8")
    return config


def _pack_quickly() -> None:
    """Rasa packs models at gzip's slowest level; vectors hardly get smaller at any, and it took four seconds."""
    from tarsafe import TarSafe

    open_slowly = TarSafe.gzopen.__func__

    def gzopen(cls: Any, name: Any, mode: str = "r", fileobj: Any = None, compresslevel: int = 1, **more: Any) -> Any:
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
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
