"""Templates: one Jinja2 environment, everything escaped, words by key and language."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic.response import HTTPResponse, html

ROOMS = ("channels", "console")


def environment(rooms: Sequence[str] = ROOMS) -> Environment:
    """Templates of every room, found as ``<room>/templates/<name>``."""
    here = Path(__file__).parent
    folders = [here / "templates", *(here / room / "templates" for room in rooms)]
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_ENVIRONMENT = environment()


def render(template: str, *, status: int = 200, **values: Any) -> HTTPResponse:
    """A page from `template`."""
    return html(_ENVIRONMENT.get_template(template).render(**values), status=status)
