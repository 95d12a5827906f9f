"""Loads a release into an engine. Importing this imports rasa, some two seconds."""

from pathlib import Path

from bot.engine import slim  # noqa: F401  (before rasa)

# isort: split
from bot.engine import result_validator
from bot.engine.action_endpoint import ActionEndpoint
from bot.engine.processor import TurnProcessor
from bot.engine.release import Release
from bot.engine.turn import Engine


def load_engine(folder: Path, action_socket: Path, token: str) -> Engine:
    """Raises ReleaseUnusable, or whatever Rasa says of a model that does not load."""
    result_validator.install()
    release = Release.read(folder)
    engine = Engine(release, TurnProcessor(release.model, ActionEndpoint(str(action_socket), token)))
    engine.warm_up()
    return engine
