"""Stock Rasa's NLU as a reader of lines: ``python -m benchmarks.stock.reader MODEL CORE`` on Python 3.10.

What it made of a text: {"fallback", "name", "first", "confidence"}. `name` is the intent, or the full retrieval intent
that the ResponseSelector found; `first` the same without the FallbackClassifier's word; `confidence` that of `first`.
"""

import asyncio
import logging
import os
import sys
import warnings

from benchmarks.stock.lines import answer_lines, pin

pin(int(sys.argv[2]))  # before TensorFlow counts the cores
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import structlog  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME  # noqa: E402

structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
)


def load():
    agent = Agent.load(sys.argv[1])
    loop = asyncio.new_event_loop()
    return lambda text: made_of(loop.run_until_complete(agent.parse_message(text)))


def made_of(parsed):
    ranking = [one for one in parsed["intent_ranking"] if one["name"] != DEFAULT_NLU_FALLBACK_INTENT_NAME]
    fallback = parsed["intent"]["name"] == DEFAULT_NLU_FALLBACK_INTENT_NAME
    first = ranking[0] if ranking else {"name": None, "confidence": 0.0}
    retrieved = _retrieved(parsed) or first["name"]
    return {
        "fallback": fallback,
        "name": None if fallback else retrieved,
        "first": retrieved,
        "confidence": float(first["confidence"]),
    }


def _retrieved(parsed):
    """The full retrieval intent of the default selector, None where the project has no retrieval intents."""
    selected = parsed.get("response_selector", {}).get("default", {}).get("response", {})
    return selected.get("intent_response_key")


if __name__ == "__main__":
    answer_lines(load)
