"""The OAuth 1.0a signature of a request (RFC 5849), which proves whose account asks. A JSON body is not signed."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from chaskiq_x.manifest import XSettings

Method = Literal["GET", "POST"]


def authorization(
    settings: XSettings, method: str, url: str, *, nonce: str | None = None, timestamp: str | None = None
) -> dict[str, str]:
    """The header for a request; nonce and timestamp are made up unless a test, or who verifies, knows them."""
    fields = {
        "oauth_consumer_key": settings.consumer_key,
        "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": timestamp or str(int(time.time())),
        "oauth_token": settings.access_token,
        "oauth_version": "1.0",
    }
    signed = {**fields, "oauth_signature": _signature(settings, method, url, fields)}
    return {"authorization": "OAuth " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in signed.items())}


def _signature(settings: XSettings, method: str, url: str, fields: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    pairs = [*fields.items(), *parse_qsl(parts.query, keep_blank_values=True)]
    together = "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs))
    bare = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path or '/'}"
    base = "&".join(_quoted(part) for part in (method.upper(), bare, together))
    key = f"{_quoted(settings.consumer_secret)}&{_quoted(settings.access_token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="~")
