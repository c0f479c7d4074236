"""Encryption of what must not be read in the database, and hashes of what is only recognised."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chaskiq_core.errors import SettingsError


class SecretBox:
    """Encrypts with the first key and opens with any of them, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derive(key)) for key in keys])

    def seal(self, text: str) -> str:
        """The text, encrypted and authenticated."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again; SettingsError if none of the keys fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SettingsError(
                "CHASKIQ_SECRET_KEY does not open what is stored: keep the old key behind the new one, after a comma"
            ) from error


def hash_token(token: str) -> str:
    """The hash under which a random token is kept and found; it needs no salt, since nobody can guess it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _derive(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"chaskiq settings").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
