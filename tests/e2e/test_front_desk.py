"""The whole road, with real processes: the story in two browsers and over Telegram, and the command line."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.running import COMMAND, ROOT, RunningDesk, environment_for, prepared
from tests.e2e.story import front_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def test_the_story_of_the_front_desk_comes_true():
    story = front_desk(lambda _line: None)
    assert story.number >= 20


def frontdesk(*arguments: str, var: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = environment_for(var or prepared())
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def test_ask_answers_in_the_terminal():
    done = frontdesk("ask", "how do i get my accident report")
    assert done.returncode == 0, done.stderr
    assert "order a crash report" in done.stdout
    assert "(answer: records/crash_report" in done.stdout


def test_ask_reads_a_file_and_prints_an_object_a_line(tmp_path: Path):
    questions = [
        "perdi mi cartera ayer",
        "someone is breaking in right now",
        "i want a person",
        "hi",
        "how do i bake bread",
        "help",
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in questions))
    done = frontdesk("ask", "--file", str(file), "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    keys = ["text", "language", "outcome", "topic", "confidence", "choices", "notice", "reply", "ms"]
    assert [list(answer) for answer in answers] == [keys] * 6, done.stderr
    assert [answer["text"] for answer in answers] == questions
    outcomes = ["answer", "emergency", "handoff", "smalltalk", "no_answer", "smalltalk"]
    assert [answer["outcome"] for answer in answers] == outcomes
    assert answers[5]["topic"] == "chat/capabilities"
    assert answers[0]["language"] == "es"


@pytest.mark.parametrize("line", ["not json", '{"question": "x"}', "[]"])
def test_a_wrong_line_is_named(tmp_path: Path, line: str):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"text": "hello"}\n' + line + "\n")
    done = frontdesk("ask", "--file", str(file))
    assert done.returncode == 2
    assert "Line 2 of questions.jsonl" in done.stderr


@pytest.mark.parametrize(
    "command",
    [["run"], ["ask"], ["train"], ["doctor"], ["topics", "import"], ["topics", "export"], ["topics", "list"],
     ["staff", "add"], ["staff", "list"], ["dev", "telegram"]],
)  # fmt: skip
def test_every_command_has_help_with_an_example(command: list[str]):
    assert "Example" in frontdesk(*command, "--help").stdout


def test_without_a_release_the_next_step_is_named(tmp_path: Path):
    done = frontdesk("ask", "hello", var=tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("There is no release that this version can use. Run: frontdesk train")


def test_staff_are_added_and_listed(tmp_path: Path):
    environment = environment_for(tmp_path)
    arguments = ["staff", "add", "krivera", "--name", "Kim Rivera", "--role", "admin", "--password-stdin"]
    done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment, input="seven blue lanterns sail\n",
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Kim Rivera" in frontdesk("staff", "list", var=tmp_path).stdout


def test_a_second_desk_on_the_same_database_is_refused_and_health_tells_the_truth(tmp_path: Path):
    with RunningDesk(tmp_path) as desk:
        with urllib.request.urlopen(f"{desk.address}/health/ready", timeout=10) as answer:
            health = json.loads(answer.read())
        assert health["ready"] is True
        assert health["engines"]["engines"][0]["ready"] is True
        second = subprocess.run([*COMMAND, "run"], cwd=ROOT, capture_output=True, text=True, timeout=60,
                                env={**desk.environment, "FRONTDESK_PORT": "1"})  # fmt: skip
        assert second.returncode == 1
        assert "Another desk is already running" in second.stderr
