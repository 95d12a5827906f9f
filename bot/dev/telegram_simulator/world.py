"""Who is there and what was said: the simulated Telegram's users, chats, messages and undelivered updates."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

GROUP_ID = -1001234567890


@dataclass
class User:
    """A person with a Telegram account. `started`: has written to the bot, which may not write first."""

    id: int
    first_name: str
    language_code: str = "en"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
            "username": f"user{self.id}",
        }


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    allowed: tuple[str, ...] | None = None
    last_error: str = ""
    last_error_at: int = 0


@dataclass
class World:
    """Everything the simulator remembers; nothing of it is written to disk.

    Update ids begin at the clock's tenths of seconds, so that a desk which outlives the simulator does not take a new
    update for one it has seen.
    """

    token: str
    users: dict[int, User] = field(default_factory=dict)
    messages: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pending: dict[int, dict[str, Any]] = field(default_factory=dict)
    callbacks: dict[str, bool] = field(default_factory=dict)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)
    calls: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    actions: dict[int, float] = field(default_factory=dict)
    next_update_id: int = field(default_factory=lambda: int(time.time() * 10))
    changes: int = 0
    _waiting: list[asyncio.Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._people()

    def reset(self) -> None:
        """Forget everything but the update ids, which never come back."""
        for memory in (self.users, self.messages, self.pending, self.callbacks, self.commands, self.actions):
            memory.clear()
        self.calls.clear()
        self.deliveries.clear()
        self.webhook = Webhook()
        self._people()
        self.changed()

    def _people(self) -> None:
        for number, (name, language) in enumerate((("Alex", "en"), ("Blanca", "es"), ("Casey", "en"))):
            self.add_user(User(1001 + number, name, language))

    @property
    def bot(self) -> dict[str, Any]:
        return {
            "id": int(self.token.split(":")[0]),
            "is_bot": True,
            "first_name": "Example City Front Desk",
            "username": "example_city_desk_bot",
        }

    def add_user(self, user: User) -> User:
        return self.users.setdefault(user.id, user)

    def chat(self, chat_id: int) -> dict[str, Any]:
        if chat_id < 0:
            return {"id": chat_id, "type": "supergroup", "title": "Maple Street neighbors"}
        return {"id": chat_id, "type": "private", "first_name": self.users[chat_id].first_name}

    def add_message(self, chat_id: int, sender: dict[str, Any], **content: Any) -> dict[str, Any]:
        """A message in a chat, with the chat's next id."""
        history = self.messages.setdefault(chat_id, [])
        message = {
            "message_id": len(history) + 1,
            "from": sender,
            "date": int(time.time()),
            "chat": self.chat(chat_id),
            **content,
        }
        history.append(message)
        self.changed()
        return message

    def find_message(self, chat_id: int, message_id: int) -> dict[str, Any] | None:
        return next((m for m in self.messages.get(chat_id, []) if m["message_id"] == message_id), None)

    def add_update(self, kind: str, content: dict[str, Any]) -> int:
        """Queue an update; one of a kind the bot did not ask for is dropped, as Telegram does."""
        update_id, self.next_update_id = self.next_update_id, self.next_update_id + 1
        if self.webhook.allowed is None or kind in self.webhook.allowed:
            self.add_raw_update({"update_id": update_id, kind: content})
        return update_id

    def add_raw_update(self, update: dict[str, Any]) -> None:
        """Queue any JSON object as an update; a key of its own keeps odd update ids apart."""
        update_id = update.get("update_id")
        usual = isinstance(update_id, int) and not isinstance(update_id, bool) and update_id not in self.pending
        self.pending[update_id if usual else -len(self.deliveries) - len(self.pending) - 1] = update  # type: ignore[index]
        self.changed()

    def changed(self) -> None:
        """Wake everybody who waits for something to happen."""
        self.changes += 1
        for event in self._waiting:
            event.set()

    @contextmanager
    def watched(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something changes."""
        event = asyncio.Event()
        self._waiting.append(event)
        try:
            yield event
        finally:
            self._waiting.remove(event)
