"""What must be read back but not lie open in the database: Telegram chat ids."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from bot.core.refused import Unavailable


class Cipher:
    """Encrypts short texts with a key derived from the desk's secret key (HMAC-SHA256 as the derivation)."""

    def __init__(self, key: bytes) -> None:
        derived = hmac.new(key, b"frontdesk chat_ref", hashlib.sha256).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Raises Unavailable when the key is not the one the text was encrypted with."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise Unavailable("The secret key is not the one this database was written with.") from error
