"""Every table. Times are UTC; ids are UUIDv7 inside and 128 random bits where a client sees them."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import BigInteger


class UtcTime(TypeDecorator[datetime]):
    """A point in time that is UTC on both databases; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("chat_key", String(64), nullable=False, unique=True),
    Column("chat_ref", Text),  # encrypted; what the channel needs to write back
    Column("owner", String(16), nullable=False, server_default="assistant"),
    Column("version", Integer, nullable=False, server_default="0"),  # grows with every change of owner
    Column("language", String(8), nullable=False),
    Column("language_chosen", Boolean, nullable=False, server_default=text("false")),
    Column("next_ord", Integer, nullable=False, server_default="1"),
    Column("state", JSON),  # the dialogue's events since the last fresh start: a cache of the turns' concatenation
    Column("state_release", String(64)),
    Column("state_at", UtcTime),
    Column("state_turns", Integer, nullable=False, server_default="0"),
    Column("form", String(64)),
    Column("draft", JSON),  # answers kept when a form could not go on
    Column("lease", String(36)),
    Column("lease_until", UtcTime),
    Column("blocked_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(200)),
    Column("ord", Integer, nullable=False),
    Column("sequence", BigId, nullable=False),
    Column("direction", String(3), nullable=False),
    Column("author", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("payload", JSON),  # in: button, command, argument, unsupported; out: buttons
    Column("staff_id", String(36)),
    Column("staff_name", String(100)),
    Column("divider", Boolean, nullable=False, server_default=text("false")),
    Column("emergency", String(32)),
    Column("certain", Boolean),
    Column("state", String(16), nullable=False),  # in: waiting answered staff failed limited noted; out: said
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("ready_at", UtcTime, nullable=False),
    Column("first_try_at", UtcTime),
    Column("answers", String(36)),  # the incoming message that an outgoing one answers
    Column("release", String(64)),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("channel", "external_id"),
    UniqueConstraint("conversation_id", "ord", name="uq_message_conversation_ord"),
)
Index(
    "ix_message_waiting",
    message.c.conversation_id,
    message.c.sequence,
    sqlite_where=message.c.state == "waiting",
    postgresql_where=message.c.state == "waiting",
)

delivery = Table(
    "delivery",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("ord", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # waiting sending sent failed unknown
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("provider_id", String(64)),
    Column("error", String(200)),
)
Index("ix_delivery_due", delivery.c.channel, delivery.c.state, delivery.c.next_at)

turn = Table(
    "turn",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, unique=True),
    Column("conversation_id", String(36), nullable=False, index=True),
    Column("release", String(64)),
    Column("started_fresh", Boolean, nullable=False),
    Column("events", JSON, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("topic", String(100)),
    Column("confidence", Float),
    Column("choices", JSON),
    Column("notice", Boolean, nullable=False, server_default=text("false")),
    Column("engine_ms", Float),
    Column("at", UtcTime, nullable=False),
)

button = Table(
    "button",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("message_id", String(36), nullable=False),
    Column("title", String(200), nullable=False),
    Column("topic", String(100)),
    Column("value", String(200)),
    Column("command", String(32)),
    Column("used_at", UtcTime),
)

handoff = Table(
    "handoff",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("status", String(16), nullable=False),  # waiting claimed resolved returned cancelled
    Column("reason", String(32), nullable=False),
    Column("topic", String(100)),
    Column("unit", String(64)),
    Column("summary", Text, nullable=False),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("staff_id", String(36)),
    Column("requested_at", UtcTime, nullable=False),
    Column("claimed_at", UtcTime),
    Column("ended_at", UtcTime),
)
Index(
    "uq_handoff_open",
    handoff.c.conversation_id,
    unique=True,
    sqlite_where=handoff.c.status.in_(["waiting", "claimed"]),
    postgresql_where=handoff.c.status.in_(["waiting", "claimed"]),
)

left_message = Table(
    "left_message",
    metadata,
    Column("reference", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("unit", String(64), nullable=False),
    Column("about", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("topic", String(100)),
    Column("status", String(16), nullable=False),  # received handled
    Column("at", UtcTime, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(16), nullable=False),  # staff admin
    Column("language", String(8), nullable=False, server_default="en"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("failed_tries", Integer, nullable=False, server_default="0"),
    Column("locked_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("csrf", String(32), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

invite = Table(
    "invite",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

topic = Table(
    "topic",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(100), nullable=False),
)

topic_revision = Table(
    "topic_revision",
    metadata,
    Column("topic_id", String(100), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(100), nullable=False),
)

release = Table(
    "release",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("data_hash", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("live", Boolean, nullable=False, server_default=text("false")),
)

fact = Table(  # small things that must survive a restart: the encryption check, the Telegram offset
    "fact",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", String(100), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
