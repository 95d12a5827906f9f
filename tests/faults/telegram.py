"""Residents on the simulated Telegram, who write numbered messages too."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from bot.dev.telegram_simulator import SimulatorProcess


@dataclass
class TelegramResident:
    """`number` is the conversation's and the chat's. Telegram itself repeats an update until it is acknowledged."""

    number: int
    telegram: SimulatorProcess
    sent: int = 0
    acked: list[int] = field(default_factory=list)
    updates: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.telegram.add_user(self.number)

    async def say(self, words: str = "question") -> int:
        """Write the next message; returns its number at once, for Telegram delivers when it can."""
        self.sent += 1
        number = self.sent
        text = f"#{self.number}-{number} {words}"
        self.updates[number] = await asyncio.to_thread(self.telegram.text, self.number, text)
        self.acked.append(number)
        return number

    async def say_and_wait(self, words: str = "question", *, seconds: float = 15) -> None:
        """Write, and read the answer before writing again, as people do; go on without one after `seconds`."""
        number, deadline = await self.say(words), time.monotonic() + seconds
        wanted = f"answer to #{self.number}-{number}"
        while time.monotonic() < deadline:
            if any(text.split(" ")[:3] == wanted.split(" ") for text in await self.answers()):
                return
            await asyncio.sleep(0.3)

    async def shown(self) -> list[str]:
        return [message["text"] for message in await asyncio.to_thread(self.telegram.from_bot, self.number)]

    async def answers(self) -> list[str]:
        return [text for text in await self.shown() if text.startswith("answer to #")]

    async def delivered(self, seconds: float = 20) -> None:
        """Wait until every update was taken by the desk."""

        def taken() -> Any:
            return self.telegram.state()["pending"] == 0

        await asyncio.to_thread(self.telegram.wait_for, taken, seconds)
