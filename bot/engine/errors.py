"""Why a turn cannot be answered. Each is an `{error: {code}}` answer, never a 200."""

from typing import Any


class EngineError(Exception):
    """`code` is one of the turn contract's, `status` the HTTP status it travels with."""

    code = "failed"
    status = 500

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code}}


class NotReady(EngineError):
    code, status = "not_ready", 503


class BadRequest(EngineError):
    """`reason` names the field that is wrong, never its value."""

    code, status = "bad_request", 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "reason": self.reason}}


class TurnFailed(EngineError):
    """An action or Rasa itself broke; nothing of the turn may be used."""


class StateIncompatible(EngineError):
    """The state is of another release. `filled` are the answers it held, for the desk to keep as a draft."""

    code, status = "state_incompatible", 409

    def __init__(self, filled: dict[str, Any]) -> None:
        super().__init__("the state does not fit this release")
        self.filled = filled

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "filled": self.filled}}
