"""The baseline's Rasa project: the same topics and examples, the pipeline and policies that ``rasa init`` gives."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.sample import ROOT
from bot.core.topic import Topic

VENV = ROOT / ".venv-stock"
RASA = f"{VENV}/bin/rasa"
FORM, FORM_TOPIC = "leave_message_form", "case/report_status"
ENVIRONMENT = {
    "PATH": f"{VENV}/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3", "SANIC_HOST": "127.0.0.1", "LANG": "C.UTF-8", "HOME": str(ROOT / "build"),
}  # fmt: skip


def intent(topic: str) -> str:
    return topic.replace("/", "_")


def write(topics: Sequence[Topic], folder: Path) -> None:
    """Write the project into `folder`. config.yml is Rasa's own, so Rasa chooses its default pipeline and policies."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    _copy_config(folder)
    _dump(folder / "domain.yml", _domain(topics))
    examples = [{"intent": intent(one.id), "examples": _lines(one.examples["en"])} for one in topics]
    _dump(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": examples})
    _dump(folder / "data" / "rules.yml", {"version": "3.1", "rules": _rules(topics)})
    _dump(folder / "data" / "stories.yml", {"version": "3.1", "stories": _stories(topics)})


def write_nlu(
    topics: Sequence[Topic], folder: Path, *, language: str, retrieval: bool, epochs: int | None = None
) -> None:
    """The NLU part alone, in one language: an intent a topic, or with `retrieval` Rasa's retrieval intents.

    Retrieval intents are group/topic; DIET then tells the groups apart and the ResponseSelector the topics in them.
    `epochs`: fewer than Rasa's own 100, for what does not depend on them: time a message, loading, memory.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    _copy_config(folder)
    if epochs is not None:
        _dump(folder / "config.yml", _shortened(epochs))
    names = {one.id: one.id if retrieval else intent(one.id) for one in topics}
    told = [{"intent": names[one.id], "examples": _lines(one.examples[language])} for one in topics]
    _dump(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": told})
    answers = {f"utter_{names[one.id]}": [{"text": one.answer.get(language, one.id)}] for one in topics}
    intents = list(dict.fromkeys(name.split("/")[0] for name in names.values()))
    _dump(folder / "domain.yml", {"version": "3.1", "intents": intents, "responses": answers})


def _copy_config(folder: Path) -> None:
    (initial,) = VENV.glob("lib/python3.10/site-packages/rasa/cli/initial_project/config.yml")
    shutil.copyfile(initial, folder / "config.yml")


def _shortened(epochs: int) -> dict[str, Any]:
    """The pipeline that Rasa takes where config.yml has none, learning for `epochs`."""
    (default,) = VENV.glob("lib/python3.10/site-packages/rasa/engine/recipes/config_files/default_config.yml")
    config: dict[str, Any] = yaml.safe_load(default.read_text(encoding="utf-8"))
    pipeline = [{**step, "epochs": epochs} if "epochs" in step else step for step in config["pipeline"]]
    return {**config, "pipeline": pipeline, "policies": None}


def _domain(topics: Sequence[Topic]) -> dict[str, Any]:
    asking = [{"type": "from_text", "conditions": [{"active_loop": FORM, "requested_slot": "message_about"}]}]
    reaching = [{"type": "from_text", "conditions": [{"active_loop": FORM, "requested_slot": "message_contact"}]}]
    return {
        "version": "3.1",
        "intents": [intent(one.id) for one in topics],
        "slots": {
            "message_about": {"type": "text", "influence_conversation": False, "mappings": asking},
            "message_contact": {"type": "text", "influence_conversation": False, "mappings": reaching},
        },
        "forms": {FORM: {"required_slots": ["message_about", "message_contact"]}},
        "responses": {f"utter_{intent(one.id)}": [{"text": one.answer["en"]}] for one in topics}
        | {
            "utter_default": [{"text": "I do not have an approved answer to that."}],
            "utter_ask_message_about": [{"text": "What is it about?"}],
            "utter_ask_message_contact": [{"text": "How should the unit reach you?"}],
            "utter_message_left": [{"text": "Your message is stored for the unit."}],
        },
        "actions": ["validate_leave_message_form", "action_submit_message"],
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def _rules(topics: Sequence[Topic]) -> list[dict[str, Any]]:
    answers = [{"rule": one.id, "steps": _answered(one)} for one in topics]
    finished = [{"action": FORM}, {"active_loop": None}, {"action": "action_submit_message"}]
    return [
        *answers,
        {"rule": "not understood", "steps": [{"intent": "nlu_fallback"}, {"action": "utter_default"}]},
        {"rule": "the message is complete", "condition": [{"active_loop": FORM}], "steps": finished},
    ]


def _answered(topic: Topic) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [{"intent": intent(topic.id)}, {"action": f"utter_{intent(topic.id)}"}]
    return steps + ([{"action": FORM}, {"active_loop": FORM}] if topic.id == FORM_TOPIC else [])


def _stories(topics: Sequence[Topic]) -> list[dict[str, Any]]:
    """Two questions after one another, for the policies that learn from stories."""
    plain = [one for one in topics if one.id != FORM_TOPIC]
    pairs = zip(plain[::2], plain[1::2], strict=False)
    return [{"story": f"{a.id}, {b.id}", "steps": [*_answered(a), *_answered(b)]} for a, b in pairs]


def _lines(texts: Sequence[str]) -> str:
    return "".join(f"- {text.translate(str.maketrans('[]', '()'))}\n" for text in texts)


def _dump(path: Path, document: Any) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
