"""A resident's session: one secret that continues one conversation. Nothing is stored before the first message.

A token is 128 bits followed by the desk's own mark on them (HMAC-SHA256), so that a made-up token is refused without
asking the database, and an emergency is answered when the database is gone. The database knows a token's hash only.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from bot.core.ids import secret_id

BYTES = 16


class Sessions:
    """Draws and recognises tokens; `key` is the desk's secret key."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"widget sessions" + key).digest()

    def draw(self, start: str | None = None) -> str:
        """A new token. With `start` (the client's own 256 random bits) the same one each time: a repeated first
        message, whose answer was lost on the way, finds the conversation it began."""
        drawn = self._mark("start", start.encode()) if start else secrets.token_bytes(BYTES)
        return urlsafe_b64encode(drawn + self._mark("token", drawn)).rstrip(b"=").decode()

    def is_ours(self, token: str) -> bool:
        """True for a token this desk drew; takes the same time whatever is wrong with it."""
        try:
            given = urlsafe_b64decode(token.encode("ascii") + b"=") if len(token) == 43 else b""
        except ValueError:
            given = b""
        return hmac.compare_digest(given[BYTES:], self._mark("token", given[:BYTES])) and len(given) == 2 * BYTES

    def chat_key(self, token: str) -> str:
        """What the desk finds the conversation by."""
        return hashlib.sha256(token.encode()).hexdigest()

    def draw_form(self, token: str | None) -> str:
        """A hidden field for one form of the plain page: it names the form, and only this session may send it."""
        name = secret_id()
        return f"{name}.{self._sign(name, token)}"

    def form_name(self, form: str, token: str | None) -> str | None:
        """The form's name when it was drawn for `token`, or for the session that this very form began; else None."""
        name, _, signature = form.partition(".")
        mine = hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(name, token).encode())
        began = hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(name, None).encode())
        return name if mine or (began and token == self.draw(name)) else None

    def _sign(self, name: str, token: str | None) -> str:
        return self._mark("form", f"{name} {token or ''}".encode("utf-8", "replace")).hex()

    def _mark(self, use: str, value: bytes) -> bytes:
        return hmac.digest(self._key, use.encode() + b" " + value, "sha256")[:BYTES]
