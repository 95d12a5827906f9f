"""Telegram: the only room that knows the Telegram library."""

from bot.channels.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
