"""A model file inside an installed package: found without importing the package, and checked by its hash before use."""

import hashlib
import importlib.util
from pathlib import Path


class ModelFileUnusable(Exception):
    """A model file is missing, altered, or does not give the vectors it gave when it was reviewed."""


def checked_model_file(package: str, inside: tuple[str, ...], *, sha256: str) -> Path:
    """Return the path of a file inside an installed package, after comparing its SHA-256 with the reviewed one.

    Raises ModelFileUnusable, in words for the log, when the package or file is missing or the hash differs.
    """
    path = _package_folder(package).joinpath(*inside)
    if not path.is_file():
        raise ModelFileUnusable(f"{package} is installed without its file {'/'.join(inside)}.")
    found = sha256_of(path)
    if found != sha256:
        raise ModelFileUnusable(f"{path.name} of {package} is not the reviewed file (its hash begins {found[:12]}).")
    return path


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelFileUnusable(f"The package {package} is not installed.")
    return Path(next(iter(spec.submodule_search_locations)))


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
