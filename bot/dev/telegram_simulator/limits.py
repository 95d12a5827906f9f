"""Telegram's flood limits: 30 messages a second in all, one a second in a chat with a short burst
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this)."""

from bot.core.limits import Bucket
from bot.dev.telegram_simulator.api_error import ApiError

BURST = 4  # Telegram allows short bursts; it does not say how long they may be


class FloodLimits:
    """`scale` makes a second shorter in tests: 0.1 allows 300 messages a real second."""

    def __init__(self, *, overall: float = 30, per_chat: float = 1, scale: float = 1) -> None:
        self._in_all, self.per_chat, self.scale = overall, per_chat, scale
        self.forget()

    def forget(self) -> None:
        """As if nothing had been sent yet."""
        self.overall = Bucket(self._in_all, self._in_all / self.scale, self._in_all, 0.0)
        self.chats: dict[int, Bucket] = {}

    def take(self, chat_id: int, now: float) -> None:
        """Raises ApiError 429 where the message comes too soon; `now` is in seconds."""
        chat = self.chats.setdefault(chat_id, Bucket(BURST, self.per_chat / self.scale, BURST, now))
        if not chat.take(now) or not self.overall.take(now):
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
