"""How the channel is doing, for /health/ready: what was last seen to work, and what does not."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Status:
    """`mode` is webhook or polling; `problem` names what failed last and is empty once something worked again."""

    mode: str
    started: bool = False
    problem: str = "starting"
    username: str | None = None
    pending: int | None = None
    refused_webhooks: int = 0
    conflicts: int = 0

    def worked(self) -> None:
        self.problem = "" if self.started else "starting"

    def ready(self) -> None:
        self.started = True
        self.problem = ""

    def failed(self, problem: str) -> None:
        self.problem = problem

    def document(self) -> dict[str, Any]:
        state = "ok" if self.started and not self.problem else "starting" if self.problem == "starting" else "failing"
        return {
            "ok": state == "ok",
            "state": state,
            "mode": self.mode,
            "problem": self.problem or None,
            "pending": self.pending,
            "refused_webhooks": self.refused_webhooks,
            "conflicts": self.conflicts,
        }
