"""An answer with ``ok: false``, in Telegram's shape (https://core.telegram.org/bots/api#making-requests)."""

from typing import Any


class ApiError(Exception):
    """`parameters` is where Telegram puts `retry_after`."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def document(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return {**answer, "parameters": self.parameters} if self.parameters else answer


def bad_request(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")
