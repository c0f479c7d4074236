"""What Telegram carries, how fast, which settings it needs, and what its refusals mean."""

import re
import secrets
from typing import Annotated

from pydantic import Field, field_validator

from chaskiq_core.plugin import (
    AlbumCapability,
    Capabilities,
    ChannelSettings,
    Counted,
    ErrorRule,
    Idempotency,
    Level,
    Manifest,
    MediaCapability,
    OptionsCapability,
    ProfileScope,
    RateLimit,
    Secret,
    TextCapability,
)

PUBLIC_API = "https://api.telegram.org"
MAX_TEXT_CODE_POINTS = 4096
MAX_CAPTION_CODE_POINTS = 1024
MAX_UPLOAD_BYTES = 50_000_000
MAX_PHOTO_BYTES = 10_000_000

_TOKEN = re.compile(r"[0-9]{1,19}:[A-Za-z0-9_-]+", re.ASCII)
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/?#@{}]+(/[^\s?#@{}]*)?", re.IGNORECASE)


class TelegramSettings(ChannelSettings):
    """What an operator gives."""

    access_token: Secret
    """The bot's token, as @BotFather shows it."""
    user_id: str | None = None
    """The owner's own Telegram id: what they write is the business side's."""
    api_base: str = PUBLIC_API
    """Where the Bot API is: Telegram's, a local server's, or a sandbox's."""
    secret_token: Annotated[str | None, Field(json_schema_extra={"secret": True})] = None
    """What Telegram shows us with each webhook; made up if left out."""

    @field_validator("access_token")
    @classmethod
    def _check_token(cls, token: str) -> str:
        if not _TOKEN.fullmatch(token):
            raise ValueError("it must be digits, a colon and the rest, as @BotFather gives it: 123456:ABC-def")
        return token

    @field_validator("user_id", mode="before")
    @classmethod
    def _check_user_id(cls, user_id: object) -> str | None:
        text = str(user_id).strip() if isinstance(user_id, str | int) and not isinstance(user_id, bool) else user_id
        if text in (None, ""):
            return None
        if not isinstance(text, str) or not _NUMBER.fullmatch(text):
            raise ValueError("it must be the number by which Telegram knows a person")
        return text

    @field_validator("api_base")
    @classmethod
    def _check_api_base(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("it must be an http or https address without a query")
        return address.rstrip("/")

    @field_validator("secret_token")
    @classmethod
    def _check_secret_token(cls, secret: str | None) -> str | None:
        if not secret:
            return None
        if not _SECRET_TOKEN.fullmatch(secret):
            raise ValueError("it must be 1 to 256 of the characters A-Z, a-z, 0-9, _ and -")
        return secret

    def account(self) -> str:
        """The bot's id: the digits before the colon."""
        return self.access_token.partition(":")[0]

    def with_generated(self) -> "TelegramSettings":
        """The settings with a secret token."""
        if self.secret_token is not None:
            return self
        return self.model_copy(update={"secret_token": secrets.token_urlsafe(32)})


def _rule(code: str, error_class: str, contains: str = "") -> ErrorRule:
    return ErrorRule(code=code, contains=contains, error_class=error_class)


ERRORS = (
    _rule("401", "reauth"),
    _rule("404", "reauth"),  # a malformed token: we call no method that is unknown
    _rule("403", "recipient"),
    _rule("400", "moved", "group chat was upgraded to a supergroup"),
    _rule("400", "recipient", "chat not found"),
    _rule("400", "recipient", "peer_id_invalid"),
    _rule("400", "recipient", "not enough rights"),
    _rule("400", "recipient", "have no rights"),
    _rule("400", "recipient", "need administrator rights"),
    _rule("400", "recipient", "chat_write_forbidden"),
    _rule("400", "recipient", "chat_restricted"),
    _rule("400", "recipient", "voice_messages_forbidden"),
    _rule("400", "recipient", "message thread not found"),
    _rule("400", "recipient", "topic_closed"),
    _rule("400", "recipient", "business connection"),
    _rule("400", "recipient", "business_"),
    _rule("400", "content"),
    _rule("409", "account"),
    _rule("413", "content"),
    _rule("429", "transient"),
    _rule("500", "transient"),
    _rule("502", "transient"),
    _rule("503", "transient"),
    _rule("504", "transient"),
)
"""The first rule that fits counts."""

CAPABILITIES = Capabilities(
    text=TextCapability(max_length=MAX_TEXT_CODE_POINTS, counted_in=Counted.CODE_POINTS),
    caption=TextCapability(max_length=MAX_CAPTION_CODE_POINTS, counted_in=Counted.CODE_POINTS),
    media={
        "image": MediaCapability(max_bytes=MAX_PHOTO_BYTES),
        "video": MediaCapability(max_bytes=MAX_UPLOAD_BYTES),
        "audio": MediaCapability(max_bytes=MAX_UPLOAD_BYTES),
        "voice": MediaCapability(max_bytes=MAX_UPLOAD_BYTES),
        "file": MediaCapability(max_bytes=MAX_UPLOAD_BYTES),
    },
    album=AlbumCapability(
        max_items=10, together=(frozenset({"image", "video"}), frozenset({"file"}), frozenset({"audio"}))
    ),
    options=OptionsCapability(max_options=20, max_label=64),
    reply=Level.FULL,
    edit=Level.FULL,
    delete=Level.PARTIAL,  # for two days after it was sent
    typing=Level.FULL,
)

MANIFEST = Manifest(
    provider="telegram",
    title="Telegram",
    settings=TelegramSettings,
    capabilities=CAPABILITIES,
    offers=frozenset({"edit", "delete", "typing", "acknowledge", "fetch_media", "install", "uninstall", "health"}),
    methods=frozenset({"POST"}),
    rate_limits=(
        # Below the published 30 a second: with its burst, no second holds more than that.
        RateLimit(scope="account", count=25, per_seconds=1, burst=5),
        RateLimit(scope="chat", count=1, per_seconds=1, burst=3),
        RateLimit(scope="group", count=20, per_seconds=60, burst=10),
    ),
    idempotency=Idempotency.NONE,
    profile_scope=ProfileScope.PROVIDER,
    errors=ERRORS,
    help="Make a bot with @BotFather in Telegram; it answers with the access token.",
    example_settings={"access_token": "1:example"},
)
