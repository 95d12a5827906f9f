"""Our NLU as a reader of lines: ``python -m benchmarks.nlu.reader MODEL CORE``. The phrase gate has no part in it.

What it made of a text: the decision (outcome, topic, confidence, choices, notice) and `first`, the first topic by
probability whatever was decided.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.stock.lines import answer_lines, pin


def main() -> None:
    pin(int(sys.argv[2]))  # before the encoders count the cores
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    from bot.engine import slim  # noqa: F401  (before rasa)

    # isort: split
    from bot.engine.action_endpoint import ActionEndpoint
    from bot.engine.processor import TurnProcessor

    def load() -> Callable[[str], dict[str, Any]]:
        processor = TurnProcessor(Path(sys.argv[1]), ActionEndpoint("", ""))  # understanding calls no action
        return lambda text: made_of(processor.classify(text, language="en", language_chosen=False))

    answer_lines(load)


def made_of(said: dict[str, Any]) -> dict[str, Any]:
    decided, ranking = said["frontdesk"], said.get("intent_ranking") or [{"name": None}]
    choices = [choice["topic"] for choice in decided["choices"]]
    return {**decided, "choices": choices, "first": ranking[0]["name"], "language": said.get("language")}


if __name__ == "__main__":
    main()
