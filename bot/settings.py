"""Every setting, read once where a process begins. Environment names carry the prefix FRONTDESK_."""

import secrets
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set. Every limit is here, with its unit in its name or description."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", frozen=True, extra="ignore")

    # where things are
    root: Path = Field(Path(), description="The project's folder: data, department.yml, domain.yml")
    var: Path = Field(Path("var"), description="Folder for the database, releases, spool, keys and logs")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the var folder")
    host: str = Field("127.0.0.1", description="Address the desk listens on")
    port: int = Field(8080, description="Port the desk listens on")
    public_url: str = Field(
        "", description="Address residents reach, e.g. https://desk.example.org; empty means host and port"
    )
    trusted_proxies: int = Field(0, description="How many reverse proxies stand in front and set X-Forwarded-For")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Key for hashes and encryption; empty means one kept in the var folder"
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR; no level logs message text")

    # Telegram
    telegram_token: SecretStr = Field(SecretStr(""), description="Bot token; empty means no Telegram channel")
    telegram_webhook_url: str = Field(
        "", description="Public https address of the desk for the webhook; empty means polling"
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret header's value; empty means one made from the secret key"
    )
    telegram_webhook_secret_old: SecretStr = Field(
        SecretStr(""), description="Previous secret, accepted while it is rotated"
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Bot API address; tests and the simulator set another"
    )
    telegram_per_second: float = Field(25, description="Messages a second to all chats together")
    telegram_hold: float = Field(0.5, description="Seconds an update waits when an earlier one is missing")

    # the engine
    engines: int = Field(1, description="How many engines to run")
    attempt_seconds: float = Field(6, description="Time one attempt at a turn may take")
    turn_seconds: float = Field(15, description="Time all attempts at a turn may take before an apology")
    attempts: int = Field(3, description="Attempts before a message goes to staff")
    turns_at_once: int = Field(8, description="Turns worked on at the same time")
    lease_seconds: float = Field(30, description="How long a desk may hold a conversation")
    delivery_lease_seconds: float = Field(60, description="How long a desk may take to deliver one reply")
    engine_health_seconds: float = Field(2, description="How often an engine is asked how it is")
    engine_start_seconds: float = Field(60, description="How long an engine may take to get ready")
    notice_milliseconds: int = Field(300, description="How long an emergency notice waits for the database")

    # the dialogue's state
    fresh_after_turns: int = Field(60, description="Turns after which the dialogue starts afresh")
    fresh_after_minutes: int = Field(30, description="Idle minutes after which the dialogue starts afresh")

    # limits
    message_characters: int = Field(4096, description="Longest message a resident may send")
    body_bytes: int = Field(16384, description="Largest request body the widget's routes take")
    burst_messages: int = Field(10, description="Messages a conversation may send at once")
    messages_per_minute: int = Field(20, description="Messages a conversation may send in the long run")
    address_burst: int = Field(60, description="Requests one address may make at once on public routes")
    address_per_minute: int = Field(240, description="Requests one address may make in the long run")
    new_chats_per_minute: int = Field(30, description="Conversations one address may begin a minute")
    waiting_high: int = Field(500, description="Waiting messages from which residents are told that it is busy")
    waiting_age_seconds: float = Field(30, description="Age of the oldest waiting message from which the same is said")
    sockets: int = Field(4000, description="Open live connections in all")
    sockets_per_address: int = Field(40, description="Open live connections from one address")
    socket_hello_seconds: float = Field(5, description="Time a live connection has to present its token")
    long_poll_seconds: float = Field(25, description="How long a poll for new messages waits")

    # the web widget
    widget_origins: str = Field(
        "", description="Other web sites that may embed the widget, e.g. https://www.example.org, with commas"
    )
    socket_ping_seconds: float = Field(20, description="How often a live connection is told that it still stands")
    body_seconds: float = Field(10, description="Time a request's body may take to arrive")
    plain_page_wait_seconds: float = Field(4, description="How long /chat waits for the reply before it shows the page")
    plain_http_cookie: bool = Field(
        False, description="Let /chat work over plain http beyond this machine; its cookie is then unprotected"
    )

    # staff
    session_idle_minutes: int = Field(30, description="Idle minutes after which staff sign in again")
    session_hours: int = Field(12, description="Hours after which staff sign in again in any case")
    sign_in_tries: int = Field(5, description="Failed sign-ins before an account waits")
    sign_in_wait_minutes: int = Field(5, description="How long it waits")
    password_characters: int = Field(200, description="Longest password; longer ones are refused unhashed")
    invite_minutes: int = Field(15, description="Life of a one-time link")

    @field_validator("database_url")
    @classmethod
    def _async_driver(cls, url: str) -> str:
        for plain, driver in (("postgresql://", "postgresql+asyncpg://"), ("sqlite:///", "sqlite+aiosqlite:///")):
            if url.startswith(plain):
                return driver + url.removeprefix(plain)
        return url

    @property
    def database(self) -> str:
        """The URL in use, SQLite in the var folder where none is set."""
        return self.database_url or f"sqlite+aiosqlite:///{self.var.resolve() / 'frontdesk.sqlite3'}"

    @property
    def address(self) -> str:
        """What residents type or click."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    def key(self) -> bytes:
        """The secret key's bytes; drawn on first use and kept in the var folder with mode 0600."""
        if given := self.secret_key.get_secret_value():
            return given.encode()
        path = self.var / "secret.key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text().strip().encode()
