"""The kinds of content a Telegram message may have, by the field that carries it."""

from collections.abc import Iterable

# In this order: an animation also carries a document, a venue also a location.
UNSUPPORTED = (
    "animation",
    "venue",
    "photo",
    "voice",
    "video_note",
    "video",
    "audio",
    "sticker",
    "document",
    "contact",
    "location",
    "dice",
    "poll",
    "game",
    "story",
    "invoice",
    "paid_media",
    "checklist",
    "passport_data",
    "web_app_data",
)
# What Telegram writes into a chat by itself; nobody asked anything.
SERVICE = frozenset(
    (
        "pinned_message",
        "message_auto_delete_timer_changed",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "successful_payment",
        "refunded_payment",
        "users_shared",
        "chat_shared",
        "connected_website",
        "write_access_allowed",
        "proximity_alert_triggered",
        "boost_added",
        "chat_background_set",
        "giveaway",
        "giveaway_created",
        "giveaway_winners",
        "giveaway_completed",
        "gift",
        "unique_gift",
        "new_chat_members",
        "left_chat_member",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_scheduled",
        "video_chat_participants_invited",
    )
)
# Words that are not the resident's own, by the field that says so.
FOREIGN = {
    "forward_origin": "forwarded",
    "forward_from": "forwarded",
    "forward_from_chat": "forwarded",
    "forward_sender_name": "forwarded",
    "forward_date": "forwarded",
    "via_bot": "via_bot",
    "sender_chat": "sender_chat",
}


def kind_of_content(fields: Iterable[str]) -> str:
    """The name of what a message without text carries; ``other`` for a kind not known yet."""
    present = set(fields)
    return next((kind for kind in UNSUPPORTED if kind in present), "other")
