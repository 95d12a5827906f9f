"""What opening an encoder computes from its package's files, done once when the environment is made.

``python -m bot.engine.nlu.prepare`` writes it beside the packages; an encoder that finds it opens ten times faster and
shares its memory with the page cache. What is missing, altered or made elsewhere is not used: the encoder then opens
from its package's own files, with the same vectors.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from bot.engine.nlu.model_file import sha256_of

FOLDER = Path(sys.prefix) / "share" / "frontdesk" / "encoders"
_MANIFEST = "manifest.json"


def prepared(name: str, made_from: str, *, inside: Path = FOLDER) -> Path | None:
    """The folder of `name`, where it was made from `made_from` (hashes, versions) and no file has changed since."""
    folder = inside / name
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        unaltered = all(sha256_of(folder / file) == expected for file, expected in manifest["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return folder if manifest["made_from"] == made_from and unaltered else None


def prepare(name: str, made_from: str, write: Callable[[Path], None], *, inside: Path = FOLDER) -> None:
    """Let `write` fill a folder, and give it its place with a list of its files' hashes."""
    draft, folder = inside / f".{name}.draft", inside / name
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    write(draft)
    files = {path.name: sha256_of(path) for path in sorted(draft.iterdir())}
    (draft / _MANIFEST).write_text(json.dumps({"made_from": made_from, "files": files}), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def processor() -> str:
    """A short name for what this processor can do: matrices laid out for one are of no use to another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "unknown")
    return hashlib.sha256(flags.encode()).hexdigest()[:12]
