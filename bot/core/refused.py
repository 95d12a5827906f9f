"""Refusals: what the rules do not allow, in words a person may read. Caught once at each edge."""



class Refused(Exception):
    """The request is not possible; `str(error)` is safe to show. `code` names the refusal for programs and texts."""

    def __init__(self, message: str, *, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class Unavailable(Exception):
    """The store or another part cannot answer now; nothing was stored. The sender is told to try again.

    `emergency` is the notice that must be shown all the same, when the message called for one.
    """

    emergency: str | None = None
