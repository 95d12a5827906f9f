"""Topic files: read, written back byte for byte, and refused in plain words."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.training.topic_files import TopicFileProblem, file_text, quoted, read_topics, write_topics
from tests.training.topics import topic

SHIPPED = Path(__file__).parents[2] / "data" / "nlu"


def test_the_shipped_files_come_back_byte_for_byte(tmp_path: Path) -> None:
    write_topics(read_topics(SHIPPED), tmp_path)
    for path in sorted(SHIPPED.glob("*.yml")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    write_topics([topic()], tmp_path)
    (tmp_path / "report.yml").chmod(0o400)
    before = (tmp_path / "report.yml").stat()
    write_topics([topic()], tmp_path)
    assert (tmp_path / "report.yml").stat() == before


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_text_survives_the_way_there_and_back(text: str) -> None:
    written = file_text("report", [topic(answer={"en": text}, examples={"en": (text,)})])
    (entry,) = yaml.load(written, Loader=yaml.CSafeLoader)["topics"]
    assert (entry["answer"]["en"], entry["examples"]["en"]) == (text, [text])


def test_a_dollar_brace_stays_a_text() -> None:
    assert quoted("${HOME}\n") == '"${HOME}\\n"'


@pytest.mark.parametrize(
    "old, new, problem",
    [
        ("group: report", "group: reports", "report.yml says its group is 'reports'; it must be 'report'."),
        (
            "    review_days: 365",
            "    review_days: soon",
            "report.yml, topic noise: review_days must be a whole number",
        ),
        ("    owner: records\n", "", "report.yml, topic noise: the keys must be, in this order"),
        ("2026-11-02", "yesterday", "report.yml, topic noise: reviewed_on must be a date like 2026-11-02."),
        ('      en: "About loud music"', "      en: 12", "topic noise: title in en must be a text that is not empty"),
        ("sensitivity: normal", "sensitivity: high", "sensitivity must be normal or sensitive"),
        ("topic: noise", "topic: no/ise", "a topic has no usable name"),
        ('"my loud music"', '"my loud music', "report.yml is not readable YAML near line"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_topic(tmp_path: Path, old: str, new: str, problem: str) -> None:
    written = file_text("report", [topic()])
    assert old in written
    (tmp_path / "report.yml").write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TopicFileProblem) as raised:
        read_topics(tmp_path)
    assert problem in str(raised.value)


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(TopicFileProblem, match="There is no topic"):
        read_topics(tmp_path)
