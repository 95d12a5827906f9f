"""Rasa's own command line on this project: ``python -m bot.engine rasa data validate | test core | shell | ...``.

The project Rasa sees is written afresh into build/rasa by the training room, from the topics, domain.yml and the rules,
with the stories of tests/conversations as its tests; the commands run there. `rasa test core` needs a model: one that
`rasa train` made there, or a release's (`--model var/releases/<id>/model.tar.gz`).
"""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path("build/rasa")


def run_rasa(arguments: Sequence[str], *, root: Path | None = None) -> int:
    """Writes the project and runs `rasa ARGUMENTS` in it. Returns Rasa's exit code."""
    root = root or Path.cwd()
    project = root / PROJECT
    command = [sys.executable, "-m", "bot.training", "project", str(project)]
    written = subprocess.run(command, cwd=root, check=False)  # noqa: S603 (our own interpreter and module)
    if written.returncode:
        return written.returncode
    shutil.copytree(root / "tests" / "conversations", project / "tests", dirs_exist_ok=True)
    given = [_absolute(argument, root) for argument in arguments]
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    sys.path.insert(0, str(root))
    os.chdir(project)
    return _main(given)


def _absolute(argument: str, root: Path) -> str:
    """A path into the repository, which Rasa would look for in the project's folder."""
    return str(root / argument) if "/" in argument and (root / argument).exists() else argument


def _main(arguments: list[str]) -> int:
    from bot.engine import slim

    slim.let_rasa_draw()
    # isort: split
    import rasa.__main__ as rasa

    rasa.configure_structlog = _configure_structlog
    sys.argv = ["rasa", *arguments]
    try:
        rasa.main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


def _configure_structlog(level: int | None = None) -> None:
    """In the place of Rasa's, which sends its log lines through an error-reporting service's client."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level or logging.WARNING))
