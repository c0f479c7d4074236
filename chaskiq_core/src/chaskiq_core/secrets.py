"""Encryption of what must not be read in the database, and hashes of what is only recognised."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chaskiq_core.errors import SettingsError

MASK = "••••••"
"""What is shown instead of a secret."""
SETTINGS = b"chaskiq settings"
SIGNATURES = b"chaskiq signatures"
"""What a key derived from the secret is for: none opens what another closed."""


class SecretBox:
    """Encrypts with the first key and opens with any of them, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(key, SETTINGS))) for key in keys])

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


class Signer:
    """Signs texts with the first key and knows the signatures of any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [_derive(key, SIGNATURES) for key in keys]

    def sign(self, text: str) -> str:
        """The signature, 43 characters that can stand in a URL."""
        return _signature(self._keys[0], text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether the signature is of this text; compared on bytes, in constant time."""
        given = signature.encode("utf-8", "replace")
        return any(hmac.compare_digest(_signature(key, text).encode(), given) for key in self._keys)


def hash_token(token: str) -> str:
    """The hash under which a random token is kept and found; it needs no salt, since nobody can guess it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signature(key: bytes, text: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).decode().rstrip("=")


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
