"""A Telegram Bot API on loopback: a page to chat as a Telegram user, and what the tests talk to (docs/telegram.md)."""

from bot.dev.telegram_simulator.process import SimulatorProcess
from bot.dev.telegram_simulator.server import TOKEN, create_simulator, run

__all__ = ["TOKEN", "SimulatorProcess", "create_simulator", "run"]
