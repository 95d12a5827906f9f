"""The process that trains and asks the model: started first, as its imports take as long as checking the topics."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from bot.training.progress import Progress

# What is where in the folder that a builder works in.
PROJECT, RELEASE, QUESTIONS, ANSWERS = "project", "release", "questions.jsonl", "answers.jsonl"
_LAST_LINES = 20


class BuildFailed(Exception):
    """`lines`: the last ones the process wrote to standard error."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Builder:
    """Imports what a training needs and waits for `build`. Left without it, the process is ended."""

    def __init__(self, folder: Path, *, vectors: Path, progress: Progress) -> None:
        (folder / RELEASE).mkdir()
        self._progress = progress
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (closed with the builder)
        command = [sys.executable, "-m", "bot.engine.build_model", "--wait"]
        command += ["--project", str(folder / PROJECT), "--out", str(folder / RELEASE)]
        command += ["--ask", str(folder / QUESTIONS), "--answers", str(folder / ANSWERS)]
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command,
            env={**os.environ, "FRONTDESK_VECTORS": str(vectors)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )

    def __enter__(self) -> "Builder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream:
                with suppress(BrokenPipeError):  # what it was told and never read
                    stream.close()
        self._process.wait()

    def build(self) -> dict[str, Any]:
        """Train on the project, ask the questions. Returns figures of the training; raises BuildFailed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended already; its last lines say why
        figures: dict[str, Any] = {}
        for line in self._process.stdout:
            said = json.loads(line)
            figures.update(said.get("figures", {}))
            if "stage" in said:
                self._progress(said["stage"], said["done"], said["total"])
        if self._process.wait():
            self._complaints.seek(0)
            raise BuildFailed(self._complaints.read().splitlines()[-_LAST_LINES:])
        return figures
