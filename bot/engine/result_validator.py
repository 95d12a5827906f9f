"""Checks what an action answered with a validator that is built once.

Rasa's own `RemoteAction._validate_action_result` calls `jsonschema.validate`, which checks the schema against its
meta-schema and builds a validator on every call: 34 of the 39 ms of a form turn. The schema is Rasa's; only the
building is saved. The error raised here does not quote the answer, which holds what a resident wrote.
"""

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

_SCHEMA = RemoteAction.action_response_format_spec()
_KIND = validator_for(_SCHEMA)
_KIND.check_schema(_SCHEMA)
_VALIDATOR = _KIND(_SCHEMA)


class ActionResultInvalid(Exception):
    """The actions' answer is not what Rasa's format asks for."""


def validate_action_result(_action: Any, result: Any) -> bool:
    """True for a well-formed answer; raises ActionResultInvalid. `result`: the parsed JSON body."""
    if not isinstance(result, dict) or not _VALIDATOR.is_valid(result):
        raise ActionResultInvalid("an action's answer is malformed")
    return True


def install() -> None:
    """Puts this check in the place of Rasa's, for the whole process. Rasa makes its RemoteActions itself, by name."""
    RemoteAction._validate_action_result = validate_action_result
