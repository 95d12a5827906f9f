"""Misbehaviour on request, for the tests of what the desk does about it. Only with the switch --test-faults."""

import asyncio
import os
from typing import Any

from sanic import HTTPResponse
from sanic.response import raw

_ANSWERS = {"!!empty": b"[]", "!!garbage": b"<html>\xff not an answer"}


async def misbehave(body: Any) -> HTTPResponse | None:
    """The false answer that a turn's text asks for (or no return at all), None where it asks for none."""
    text = body.get("message", {}).get("text") if isinstance(body, dict) else None
    if text == "!!exit":
        os._exit(3)
    if text == "!!hang":
        await asyncio.sleep(3600)
    if text in _ANSWERS:
        return raw(_ANSWERS[text], content_type="application/json")
    return None
