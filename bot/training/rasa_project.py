"""Topics to a Rasa project that Rasa's own tools accept: NLU examples, responses, rules and one whole domain.

Every scalar is written as JSON, in double quotes: Rasa expands `${VAR}` in plain ones. The first level of keys stands
bare at the start of a line, because that is how Rasa tells one kind of file from another.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.core.topic import Topic
from bot.training.topic_files import quoted

# An intent a group of topics cannot take, because the classifier says it of other messages.
RESERVED_GROUPS = ("choices", "no_answer", "handoff", "form_value", "stale_button", "asked_again")
# Rasa reads [text](entity) in an example as an annotation.
_BRACKETS = str.maketrans({"[": "(", "]": ")"})


def write_project(topics: Sequence[Topic], folder: Path, *, root: Path, languages: Sequence[str]) -> None:
    """Write config, domain, credentials, endpoints and data/ for `topics`; `root` holds the hand-written parts."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    shutil.copytree(root / "data" / "rules", folder / "data" / "rules", dirs_exist_ok=True)
    for name in ("credentials.yml", "endpoints.yml"):
        if (root / name).is_file():
            shutil.copyfile(root / name, folder / name)
    spoken = phrasing(root / "data" / "phrasing", languages)
    _write(folder / "config.yml", config(_read(root / "config.yml"), topics, languages, spoken))
    domain = merged_domain(_read(root / "domain.yml"), topics, default=languages[0])
    _write(folder / "domain.yml", domain)
    _write(folder / "data" / "nlu.yml", training_examples(topics))
    _write(folder / "data" / "topic_rules.yml", rules(topics))


def phrasing(folder: Path, languages: Sequence[str]) -> dict[str, Any]:
    """Language -> its file of `folder`, of the department's `languages` that have one."""
    paths = {language: folder / f"{language}.yml" for language in languages}
    return {language: _read(path) for language, path in paths.items() if path.is_file()}


def config(
    recipe: Mapping[str, Any], topics: Sequence[Topic], languages: Sequence[str], spoken: Mapping[str, Any]
) -> dict[str, Any]:
    """config.yml, each of our components told what it has to know of the department and its topics."""
    facts: dict[str, dict[str, Any]] = {
        "LanguageIdentifier": {
            "languages": list(languages),
            "function_words": {language: words.get("function_words", []) for language, words in spoken.items()},
        },
        "TopicClassifier": {
            "forms": {topic.id: topic.form for topic in topics if topic.form},
            "buttons": {topic.id: list(topic.buttons) for topic in topics if topic.buttons},
            "phrasing": spoken,
        },
    }
    pipeline = [{**step, **facts.get(str(step["name"]).rsplit(".", 1)[-1], {})} for step in recipe["pipeline"]]
    return {**recipe, "pipeline": pipeline}


def merged_domain(domain: Mapping[str, Any], topics: Sequence[Topic], *, default: str) -> dict[str, Any]:
    """The hand-written domain plus an intent for each group and form and a response for each topic."""
    intents = [*domain.get("intents", [])]
    wanted = [*groups(topics), *(f"start_{topic.form}" for topic in topics if topic.form), "choices", "no_answer"]
    intents += [name for name in dict.fromkeys(wanted) if name not in intents]
    answers = {f"utter_{topic.id}": variations(topic, default=default) for topic in topics}
    return {**domain, "intents": intents, "responses": {**domain.get("responses", {}), **answers}}


def variations(topic: Topic, *, default: str) -> list[dict[str, Any]]:
    """One answer a language: the default one unconditional, the others on the slot `language`."""
    first = default if default in topic.answer else next(iter(topic.answer))
    others = [language for language in topic.answer if language != first]
    return [
        {"text": topic.answer[first]},
        *(
            {"condition": [{"type": "slot", "name": "language", "value": language}], "text": topic.answer[language]}
            for language in others
        ),
    ]


def training_examples(topics: Sequence[Topic]) -> dict[str, Any]:
    """Rasa's NLU format: a retrieval intent a topic, and each example with its language."""
    return {
        "version": "3.1",
        "nlu": [{"intent": topic.id, "examples": list(_examples(topic))} for topic in topics],
    }


def rules(topics: Sequence[Topic]) -> dict[str, Any]:
    """One rule a group: Rasa's own retrieval action answers. A form's rules are hand-written, beside its actions."""
    return {
        "version": "3.1",
        "rules": [
            {"rule": f"answer {group}", "steps": [{"intent": group}, {"action": f"utter_{group}"}]}
            for group in groups(topics)
        ],
    }


def groups(topics: Iterable[Topic]) -> list[str]:
    return list(dict.fromkeys(topic.group for topic in topics))


def _examples(topic: Topic) -> Iterable[dict[str, Any]]:
    for language, texts in topic.examples.items():
        for text in texts:
            yield {"text": text.translate(_BRACKETS), "metadata": {"language": language}}


def _read(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return dict(document)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text("".join(_section(key, value) for key, value in document.items()), encoding="utf-8")


def _section(key: str, value: Any) -> str:
    if isinstance(value, list) and value:
        return f"{key}:\n" + "".join(f"- {quoted(item)}\n" for item in value)
    if isinstance(value, dict) and value:
        return f"{key}:\n" + "".join(f"  {quoted(name)}: {quoted(item)}\n" for name, item in value.items())
    return f"{key}: {quoted(value)}\n"
