"""What a Telegram user does, as the update Telegram makes of it."""

import itertools
import time
from typing import Any

from bot.dev.telegram_simulator.world import GROUP_ID, User, World

_FILE = {"file_id": "file-1", "file_unique_id": "1", "file_size": 4}
CONTENTS: dict[str, dict[str, Any]] = {
    "photo": {"photo": [{**_FILE, "width": 90, "height": 90}]},
    "voice": {"voice": {**_FILE, "duration": 3, "mime_type": "audio/ogg"}},
    "video_note": {"video_note": {**_FILE, "length": 240, "duration": 3}},
    "video": {"video": {**_FILE, "width": 90, "height": 90, "duration": 3}},
    "audio": {"audio": {**_FILE, "duration": 3}},
    "animation": {"animation": {**_FILE, "width": 90, "height": 90, "duration": 3}, "document": _FILE},
    "sticker": {
        "sticker": {
            **_FILE,
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "👍",
        }
    },
    "document": {"document": {**_FILE, "file_name": "letter.pdf", "mime_type": "application/pdf"}},
    "contact": {"contact": {"phone_number": "5550199", "first_name": "Robin"}},
    "location": {"location": {"latitude": 41.5, "longitude": -90.5}},
    "venue": {
        "venue": {"location": {"latitude": 41.5, "longitude": -90.5}, "title": "Library", "address": "1 Oak Avenue"},
        "location": {"latitude": 41.5, "longitude": -90.5},
    },
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
    "poll": {
        "poll": {
            "id": "1",
            "question": "Well?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
        }
    },
}


class Acts:
    """`do` one act; returns the update's id."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._callback_ids = itertools.count(int(time.time() * 1000))

    def do(self, given: dict[str, Any]) -> int:
        """`given`: user, do, and what the act needs. Raises KeyError or ValueError for one that is not possible."""
        user = self.world.users[int(given["user"])]
        act = str(given["do"])
        if act in CONTENTS:
            return self._say(
                user, given, {**CONTENTS[act], **({"caption": given["caption"]} if given.get("caption") else {})}
            )
        known = {
            "text": self._text,
            "edit": self._edit,
            "press": self._press,
            "block": self._block,
            "unblock": self._unblock,
            "group": self._group,
            "forward": self._forward,
            "delete_account": self._delete_account,
        }
        if act not in known:
            raise ValueError(f"nobody can '{act}'")
        return known[act](user, given)

    def _say(self, user: User, given: dict[str, Any], content: dict[str, Any]) -> int:
        user.started, user.blocked = True, False
        message = self.world.add_message(user.id, user.document(), **content, **given.get("extra", {}))
        return self.world.add_update("message", message)

    def _text(self, user: User, given: dict[str, Any]) -> int:
        text = str(given["text"])
        first = (text.split() or [""])[0]
        entity = [{"type": "bot_command", "offset": 0, "length": len(first)}] if first.startswith("/") else None
        return self._say(user, given, {"text": text, **({"entities": entity} if entity else {})})

    def _forward(self, user: User, given: dict[str, Any]) -> int:
        origin = {
            "type": "user",
            "sender_user": {"id": 77, "is_bot": False, "first_name": "Robin"},
            "date": int(time.time()),
        }
        return self._say(user, given, {"text": str(given["text"]), "forward_origin": origin})

    def _edit(self, user: User, given: dict[str, Any]) -> int:
        message = self.world.find_message(user.id, int(given["message_id"]))
        if message is None or message["from"]["id"] != user.id:
            raise ValueError("that is not a message of this user")
        message.update(text=str(given["text"]), edit_date=int(time.time()))
        self.world.changed()
        return self.world.add_update("edited_message", dict(message))

    def _press(self, user: User, given: dict[str, Any]) -> int:
        """Press a button of message `message_id` by `data`, or by `title` of the newest message that has it."""
        message, data = self._button(user, given)
        query_id = str(next(self._callback_ids))
        self.world.callbacks[query_id] = False
        query: dict[str, Any] = {"id": query_id, "from": user.document(), "chat_instance": str(user.id), "data": data}
        if message is not None:
            query["message"] = message
        return self.world.add_update("callback_query", query)

    def _button(self, user: User, given: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        if "data" in given:
            return self.world.find_message(user.id, int(given.get("message_id", 0))), str(given["data"])
        for message in reversed(self.world.messages.get(user.id, [])):
            for button in itertools.chain.from_iterable(message.get("reply_markup", {}).get("inline_keyboard", [])):
                if button["text"] == given["title"]:
                    return message, button["callback_data"]
        raise ValueError(f"no message has a button '{given['title']}'")

    def _group(self, user: User, given: dict[str, Any]) -> int:
        message = self.world.add_message(GROUP_ID, user.document(), text=str(given["text"]))
        return self.world.add_update("message", message)

    def _block(self, user: User, _: dict[str, Any]) -> int:
        user.blocked = True
        return self._membership(user, "member", "kicked")

    def _unblock(self, user: User, _: dict[str, Any]) -> int:
        user.blocked = False
        return self._membership(user, "kicked", "member")

    def _delete_account(self, user: User, _: dict[str, Any]) -> int:
        user.deactivated = True
        return 0

    def _membership(self, user: User, before: str, after: str) -> int:
        bot = self.world.bot
        return self.world.add_update(
            "my_chat_member",
            {
                "chat": self.world.chat(user.id),
                "from": user.document(),
                "date": int(time.time()),
                "old_chat_member": {"user": bot, "status": before},
                "new_chat_member": {"user": bot, "status": after},
            },
        )
