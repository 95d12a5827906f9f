"""Rasa's own command line on this project: ``python -m bot.engine rasa data validate | test core | shell | ...``.

The project Rasa sees is written afresh into build/rasa by the training room, from the topics, domain.yml and the rules;
the commands run there.
"""

import os
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
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    sys.path.insert(0, str(root))
    os.chdir(project)
    return _main(list(arguments))


def _main(arguments: list[str]) -> int:
    from bot.engine import slim  # noqa: F401  (before rasa)

    # isort: split
    from rasa.__main__ import main

    sys.argv = ["rasa", *arguments]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0
