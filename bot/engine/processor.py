"""Rasa's message processor for one loaded model, made to fail loudly and never to unpack what a resident typed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_TRACKER
from rasa.graph_components.converters.nlu_message_converter import NLUMessageConverter
from rasa.graph_components.validators import default_recipe_validator  # noqa: F401  (models name it)
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine import shortcuts
from bot.engine.action_endpoint import ActionEndpoint
from bot.engine.errors import TurnFailed
from bot.engine.nlu import language as _language  # noqa: F401  (models name these: loaded with the engine)
from bot.engine.nlu import topic_classifier as _topics  # noqa: F401
from bot.engine.state import TurnTrackers


class _Watched(Action):  # type: ignore[misc]
    """An action that remembers what it raised: Rasa logs an action's exception and goes on as if nothing had been."""

    def __init__(self, action: Action) -> None:
        self._action = action
        self.error: Exception | None = None

    def name(self) -> str:
        return str(self._action.name())

    def event_for_successful_execution(self, prediction: Any) -> Event:
        return self._action.event_for_successful_execution(prediction)

    async def run(self, *args: Any, **kwargs: Any) -> list[Event]:
        try:
            return list(await self._action.run(*args, **kwargs) or [])
        except ActionExecutionRejection:
            raise
        except Exception as error:
            self.error = error
            raise


class TurnProcessor(MessageProcessor):  # type: ignore[misc]
    """A model with its trackers, action endpoint and text generator. Safe for turns that wait for actions meanwhile."""

    def __init__(self, model: Path, endpoint: ActionEndpoint) -> None:
        shortcuts.install()
        self.trackers = TurnTrackers()
        generator = TemplatedNaturalLanguageGenerator({})
        super().__init__(str(model), self.trackers, InMemoryLockStore(), generator, endpoint)
        generator.responses = self.domain.responses
        self.trackers.domain = self.domain
        endpoint.use_domain(self.domain)
        self._converter = self._node_of(NLUMessageConverter)
        self._classified = self._target_before_unpacking()

    def classify(self, text: str, *, language: str, language_chosen: bool) -> dict[str, Any]:
        """What the pipeline's components set on a message that starts with its text and the conversation's language."""
        return self.classify_all([{TEXT: text, "language": language, "language_chosen": language_chosen}])[0]

    def classify_all(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """`classify` of many at once. Each: text, language, language_chosen."""
        nobody = DialogueStateTracker.from_events("parse", [])
        inputs = {self._converter: [Message(data=dict(each)) for each in messages], PLACEHOLDER_TRACKER: nobody}
        classified = self.graph_runner.run(inputs=inputs, targets=[self._classified])[self._classified]
        return [dict(message.data) for message in classified]

    async def _run_action(self, action: Action, *args: Any, **kwargs: Any) -> bool:
        watched = _Watched(action)
        goes_on = await super()._run_action(watched, *args, **kwargs)
        if watched.error:
            raise TurnFailed(f"action {watched.name()} failed") from watched.error
        return bool(goes_on)

    def _target_before_unpacking(self) -> str:
        """The graph node whose messages have been classified, before Rasa would read ``/intent{...}`` as an order."""
        target = self.model_metadata.nlu_target
        node = self.model_metadata.predict_schema.nodes[target]
        return str(node.needs["messages"]) if node.uses is RegexMessageHandler else str(target)

    def _node_of(self, component: type) -> str:
        nodes = self.model_metadata.predict_schema.nodes.items()
        return next(str(name) for name, node in nodes if node.uses is component)
