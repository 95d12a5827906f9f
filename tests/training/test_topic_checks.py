"""What is said of a set of topics before it is trained."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.training.topic_checks import check_topics
from bot.training.topic_files import read_topics
from tests.training.topics import DEPARTMENT, topic

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "changes, finding",
    [
        ({"owner": "nobody"}, "its owner 'nobody' is no unit of department.yml"),
        ({"buttons": ("report/gone",)}, "its button 'report/gone' is no topic"),
        ({"title": {"en": "Noise"}}, "it has no title in 'es'"),
        ({"answer": {"en": "Hello"}}, "it has no answer in 'es'"),
        (
            {"answer": {"en": "Call [[facts.no]]", "es": "x"}},
            "its answer in 'en' uses [[facts.no]], which department.yml does not have",
        ),
    ],
)
def test_what_a_release_cannot_be_made_with(changes: dict[str, Any], finding: str) -> None:
    assert [(found.text, found.fatal) for found in check_topics([topic(**changes)], DEPARTMENT)] == [(finding, True)]


def test_an_example_in_two_topics_is_named_whatever_its_caps_and_signs() -> None:
    twin = topic("report/theft", examples={"en": ("My LOUD, music!",) * 8, "es": ("x",) * 8})
    found = check_topics([topic(), twin], DEPARTMENT)
    assert {(each.topic, each.text) for each in found} == {
        ("report/theft", "its example 'My LOUD, music!' is also one of report/noise")
    }


def test_a_topic_that_is_there_twice() -> None:
    assert "it is there twice" in [found.text for found in check_topics([topic(), topic()], DEPARTMENT)]


def test_warnings_do_not_stop_a_release() -> None:
    short = topic(examples={"en": ("loud",), "es": ("ruido",) * 8}, answer={"en": "word " * 91, "es": "x"})
    assert [(found.text, found.fatal) for found in check_topics([short], DEPARTMENT)] == [
        ("only 1 examples in 'en': 8 or more are needed", False),
        ("its answer in 'en' has 91 words, more than 90", False),
        ("its answer in 'en' reads at school grade 31.7, above 9", False),
    ]


def test_the_shipped_topics_have_no_findings() -> None:
    department = yaml.safe_load((ROOT / "department.yml").read_text(encoding="utf-8"))
    assert check_topics(read_topics(ROOT / "data" / "nlu"), department) == []
