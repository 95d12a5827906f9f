"""Fault switches: what the simulated Telegram does wrong on purpose."""

import random
from dataclasses import dataclass, field
from typing import Any

KINDS = ("429", "403", "400", "500", "hang", "close", "drop_answer")


@dataclass
class CallFault:
    """One thing that goes wrong with the bot's calls: `times` of them (None: always) with probability `p`."""

    kind: str
    method: str = "sendMessage"
    chat_id: int | None = None
    p: float = 1.0
    times: int | None = None
    retry_after: int = 1
    seconds: float = 60.0
    """How long a hanging call hangs."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault '{self.kind}': {', '.join(KINDS)}.")


@dataclass
class Faults:
    """`duplicate`: probability that an update comes twice; `reorder`: seconds within which updates are shuffled;
    `copies`: how many of each are sent at the same moment."""

    duplicate: float = 0.0
    reorder: float = 0.0
    copies: int = 1
    calls: list[CallFault] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - repeatable, not secret

    def set(self, document: dict[str, Any]) -> None:
        """Replace all switches by those of `document`; what it leaves out is off."""
        self.duplicate = float(document.get("duplicate", 0))
        self.reorder = float(document.get("reorder", 0))
        self.copies = max(1, int(document.get("copies", 1)))
        self.calls = [CallFault(**call) for call in document.get("calls", [])]
        if "seed" in document:
            self.dice = random.Random(document["seed"])  # noqa: S311

    def of_call(self, method: str, chat_id: int | None) -> CallFault | None:
        """The fault that meets this call, used up by one."""
        for fault in self.calls:
            if fault.times == 0 or fault.method.lower() != method.lower():
                continue
            if fault.chat_id not in (None, chat_id) or self.dice.random() >= fault.p:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
