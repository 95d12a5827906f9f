"""The Bot API methods a front desk uses, each as strict as Telegram's own."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bot.dev.telegram_simulator.api_error import ApiError, bad_request
from bot.dev.telegram_simulator.limits import FloodLimits
from bot.dev.telegram_simulator.refusals import (
    LONGEST_CALLBACK_ANSWER,
    checked_commands,
    checked_keyboard,
    checked_text,
    checked_webhook,
    parsed,
    whole_number,
)
from bot.dev.telegram_simulator.world import Webhook, World

Parameters = dict[str, Any]
WITHOUT_ASKING = ("chat_member", "message_reaction", "message_reaction_count")


class Methods:
    """`call(name, parameters)` answers like Telegram or raises ApiError."""

    def __init__(self, world: World, limits: FloodLimits) -> None:
        self.world, self.limits = world, limits
        self._poller: asyncio.Event | None = None
        self._known: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "sendchataction": self._send_chat_action,
            "answercallbackquery": self._answer_callback_query,
            "editmessagereplymarkup": self._edit_message_reply_markup,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "getfile": self._get_file,
        }

    async def call(self, name: str, parameters: Parameters) -> Any:
        method = self._known.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        return await method(parameters)

    async def _get_me(self, _: Parameters) -> Any:
        return {
            **self.world.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _send_message(self, given: Parameters) -> Any:
        chat_id = self._writable_chat(given)
        text = checked_text(given.get("text"), given.get("parse_mode"))
        rows = checked_keyboard(given.get("reply_markup"))
        self.limits.take(chat_id, time.monotonic())
        self.world.actions.pop(chat_id, None)
        keyboard = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
        return self.world.add_message(chat_id, self.world.bot, text=text, **keyboard)

    async def _send_chat_action(self, given: Parameters) -> Any:
        chat_id = self._writable_chat(given)
        if given.get("action") != "typing":
            raise bad_request("wrong parameter action in request")
        self.world.actions[chat_id] = time.time() + 5  # Telegram shows it for five seconds or until the next message
        self.world.changed()
        return True

    async def _answer_callback_query(self, given: Parameters) -> Any:
        if len(str(given.get("text", ""))) > LONGEST_CALLBACK_ANSWER:
            raise bad_request("MESSAGE_TOO_LONG")
        if self.world.callbacks.get(str(given.get("callback_query_id"))) is not False:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        self.world.callbacks[str(given["callback_query_id"])] = True
        return True

    async def _edit_message_reply_markup(self, given: Parameters) -> Any:
        chat_id = self._writable_chat(given)
        message = self.world.find_message(chat_id, whole_number(given.get("message_id"), 0))
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self.world.bot["id"]:
            raise bad_request("message can't be edited")
        rows = checked_keyboard(given.get("reply_markup"))
        if rows == message.get("reply_markup", {}).get("inline_keyboard", []):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        message.pop("reply_markup", None)
        if rows:
            message["reply_markup"] = {"inline_keyboard": rows}
        self.world.changed()
        return message

    async def _set_my_commands(self, given: Parameters) -> Any:
        self.world.commands[str(given.get("language_code", ""))] = checked_commands(given.get("commands"))
        self.world.changed()
        return True

    async def _get_my_commands(self, given: Parameters) -> Any:
        return self.world.commands.get(str(given.get("language_code", "")), [])

    async def _get_file(self, given: Parameters) -> Any:
        file_id = str(given.get("file_id", ""))
        if not file_id.startswith("file-"):
            raise bad_request("invalid file_id")
        return {"file_id": file_id, "file_unique_id": file_id[5:], "file_size": 4, "file_path": f"files/{file_id}"}

    async def _set_webhook(self, given: Parameters) -> Any:
        url, secret = str(given.get("url", "")), str(given.get("secret_token", ""))
        if not url:
            return await self._delete_webhook(given)
        checked_webhook(url, secret)
        connections = whole_number(given.get("max_connections"), 40)
        if not 1 <= connections <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        self._drop_pending(given)
        self.world.webhook = Webhook(url, secret, connections, self._allowed(given))
        self._interrupt_poller()
        self.world.changed()
        return True

    async def _delete_webhook(self, given: Parameters) -> Any:
        self._drop_pending(given)
        self.world.webhook = Webhook(allowed=self.world.webhook.allowed)
        self.world.changed()
        return True

    async def _get_webhook_info(self, _: Parameters) -> Any:
        hook = self.world.webhook
        info: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.pending),
            "max_connections": hook.max_connections,
        }
        if hook.last_error:
            info.update(last_error_date=hook.last_error_at, last_error_message=hook.last_error)
        return info

    async def _get_updates(self, given: Parameters) -> Any:
        if self.world.webhook.url:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
                "the webhook first",
            )
        self._interrupt_poller()
        interrupted = self._poller = asyncio.Event()
        if given.get("allowed_updates") is not None:
            self.world.webhook.allowed = self._allowed(given)
        self._confirm_before(whole_number(given.get("offset"), 0))
        limit = min(max(whole_number(given.get("limit"), 100), 1), 100)
        deadline = time.monotonic() + min(whole_number(given.get("timeout"), 0), 50)
        return await self._next_updates(interrupted, limit, deadline)

    async def _next_updates(self, interrupted: asyncio.Event, limit: int, deadline: float) -> list[dict[str, Any]]:
        with self.world.watched() as changed:
            while not interrupted.is_set():
                if self.world.pending or time.monotonic() >= deadline:
                    return [self.world.pending[key] for key in sorted(self.world.pending)][:limit]
                changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), max(0.01, deadline - time.monotonic()))
        raise ApiError(
            409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )

    def _confirm_before(self, offset: int) -> None:
        """Updates before `offset` are taken as received; a negative one counts from the end of the queue."""
        keys = sorted(self.world.pending)
        confirmed = keys[:offset] if offset < 0 else [key for key in keys if key < offset]
        for key in confirmed:
            del self.world.pending[key]

    def _interrupt_poller(self) -> None:
        if self._poller:
            self._poller.set()
            self.world.changed()

    def _drop_pending(self, given: Parameters) -> None:
        if str(given.get("drop_pending_updates", "")).lower() == "true":
            self.world.pending.clear()

    def _allowed(self, given: Parameters) -> tuple[str, ...] | None:
        listed = parsed(given.get("allowed_updates") or "[]", "allowed_updates")
        return tuple(listed) or None

    def _writable_chat(self, given: Parameters) -> int:
        """The chat a bot may write to. Raises ApiError as Telegram does for all others."""
        if given.get("chat_id") in (None, ""):
            raise bad_request("chat_id is empty")
        chat_id = whole_number(given["chat_id"])
        if chat_id < 0 and chat_id in self.world.messages:
            return chat_id
        user = self.world.users.get(chat_id)
        if user is None:
            raise bad_request("chat not found")
        if user.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if user.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if not user.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat_id
