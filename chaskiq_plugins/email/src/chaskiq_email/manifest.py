"""What e-mail carries, which settings it needs, and what the answers of mail servers mean."""

import re
import secrets
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator, model_validator

from chaskiq_core.plugin import (
    AlbumCapability,
    Capabilities,
    ChannelSettings,
    ErrorRule,
    Idempotency,
    InvalidError,
    Level,
    Manifest,
    MediaCapability,
    ProfileScope,
    RateLimit,
    TextCapability,
)

MAX_TEXT_CODE_POINTS = 100_000
MAX_FILE_BYTES = 15_000_000
"""Large hosts take mails of 25 MB; base64 makes a third more of a file."""
MAX_FILES = 10
PORTS = {"none": 25, "starttls": 587, "tls": 465}
Tls = Literal["none", "starttls", "tls"]

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_`{|}~.-]{1,50}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")


class EmailSettings(ChannelSettings):
    """What an operator gives."""

    from_address: str
    """The address that answers come from, and that people write to: help@example.org."""
    from_name: str = ""
    """The name before it; left out: the agent's who writes."""
    smtp_host: str
    """The mail server that takes our mails."""
    smtp_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Its port; left out: 587, with smtp_tls=tls 465, without TLS 25."""
    smtp_username: str | None = None
    """The name to sign in with; left out: without signing in."""
    smtp_password: Annotated[str | None, Field(json_schema_extra={"secret": True})] = None
    """The password for it, or an app password."""
    smtp_tls: Tls = "starttls"
    """How the connection is encrypted: starttls, tls from the start, or none."""
    inbound_secret: Annotated[str | None, Field(json_schema_extra={"secret": True})] = None
    """What who posts mails to the hook URL must show; it signs reply addresses, too. Made up if left out."""
    plus_addressing: bool = True
    """Whether mails to help+anything@ reach the same mailbox: answers find their conversation by that."""
    imap_host: str | None = None
    """The mail server to fetch mails from; left out: mails are posted to the hook URL."""
    imap_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Its port; left out: 993, without TLS from the start 143."""
    imap_username: str | None = None
    """The name to sign in with; left out: as smtp_username."""
    imap_password: Annotated[str | None, Field(json_schema_extra={"secret": True})] = None
    """The password for it; left out: as smtp_password."""
    imap_tls: Tls | None = None
    """How that connection is encrypted; left out: tls."""
    imap_folder: str = "INBOX"
    """The folder that is read."""

    @field_validator("from_address")
    @classmethod
    def _check_address(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("it must be an address alone, without a plus: help@example.org")
        return address.lower()

    @field_validator("from_name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.isprintable() or len(name) > 100:
            raise ValueError("it must be a name of up to 100 characters on one line")
        return name

    @field_validator("smtp_host", "imap_host")
    @classmethod
    def _check_host(cls, host: str | None) -> str | None:
        if host is not None and not _HOST.fullmatch(host):
            raise ValueError("it must be the name of a server: smtp.example.org")
        return host or None

    @field_validator("smtp_username", "smtp_password", "inbound_secret", "imap_username", "imap_password", mode="after")
    @classmethod
    def _none_if_empty(cls, value: str | None) -> str | None:
        if value and not value.isprintable():
            raise ValueError("it must be on one line")
        return value or None

    @model_validator(mode="after")
    def _check_password(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("smtp_username and smtp_password go together")
        return self

    @property
    def smtp_server(self) -> tuple[str, int]:
        """Host and port."""
        return self.smtp_host, self.smtp_port or PORTS[self.smtp_tls]

    def account(self) -> str:
        """The address."""
        return self.from_address

    def with_generated(self) -> "EmailSettings":
        """The settings with a secret."""
        if self.inbound_secret is not None:
            return self
        return self.model_copy(update={"inbound_secret": secrets.token_urlsafe(32)})

    @classmethod
    def from_url(cls, url: str) -> "EmailSettings":
        """Settings for sending alone, out of smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS&tls=starttls.

        `smtps://` is tls from the start. Without `from` the user is the address. InvalidError for anything else.
        """
        try:
            parts = urlsplit(url)
            query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
            user = unquote(parts.username or "")
            tls = "tls" if parts.scheme == "smtps" else query.get("tls") or ("starttls" if user else "none")
            if parts.scheme not in ("smtp", "smtps"):
                raise ValueError("it must begin with smtp:// or smtps://")
            return cls.model_validate(
                {
                    "from_address": unquote(query.get("from", "")) or user,
                    "smtp_host": parts.hostname or "",
                    "smtp_port": parts.port,
                    "smtp_username": user or None,
                    "smtp_password": unquote(parts.password or "") or None,
                    "smtp_tls": tls,
                    "plus_addressing": False,
                }
            )
        except ValueError as error:
            raise InvalidError(f"smtp_url: {str(error).splitlines()[-1]}") from error


def _rule(code: str, error_class: str, contains: str = "") -> ErrorRule:
    return ErrorRule(code=code, contains=contains, error_class=error_class)


ERRORS = (
    _rule("535", "reauth"),
    _rule("530", "reauth"),
    _rule("534", "reauth"),
    _rule("538", "reauth"),
    _rule("454", "transient"),
    _rule("421", "transient"),
    _rule("4", "transient"),
    _rule("5", "reauth", "5.7.8"),
    _rule("5", "reauth", "5.7.9"),
    _rule("5", "reauth", "5.7.14"),
    _rule("5", "content", "5.3.4"),
    _rule("5", "content", "5.2.3"),
    _rule("5", "content", "5.6."),
    _rule("5", "account", "5.1.8"),
    _rule("5", "account", "5.1.7"),
    _rule("5", "account", "5.7."),
    _rule("5", "recipient", "5.1."),
    _rule("5", "recipient", "5.2."),
    _rule("5", "recipient", "5.4."),
    _rule("550", "recipient"),
    _rule("551", "recipient"),
    _rule("552", "content"),
    _rule("553", "recipient"),
    _rule("554", "content"),
    _rule("5", "content"),
)
"""The first rule that fits counts: its code is how the server's code begins."""

CAPABILITIES = Capabilities(
    text=TextCapability(max_length=MAX_TEXT_CODE_POINTS),
    caption=TextCapability(max_length=MAX_TEXT_CODE_POINTS),
    media={
        "image": MediaCapability(max_bytes=MAX_FILE_BYTES),
        "video": MediaCapability(max_bytes=MAX_FILE_BYTES),
        "audio": MediaCapability(max_bytes=MAX_FILE_BYTES),
        "voice": MediaCapability(max_bytes=MAX_FILE_BYTES),
        "file": MediaCapability(max_bytes=MAX_FILE_BYTES),
    },
    album=AlbumCapability(max_items=MAX_FILES, together=(frozenset({"image", "video", "audio", "voice", "file"}),)),
    reply=Level.FULL,
    threads=Level.FULL,
)

MANIFEST = Manifest(
    provider="email",
    title="E-mail",
    settings=EmailSettings,
    capabilities=CAPABILITIES,
    offers=frozenset({"fetch_media", "install", "health", "poll"}),
    methods=frozenset({"POST"}),
    rate_limits=(RateLimit(scope="account", count=10, per_seconds=1, burst=20),),
    idempotency=Idempotency.KEY,
    profile_scope=ProfileScope.PROVIDER,
    mails=True,
    errors=ERRORS,
    help="The SMTP server of your mailbox, and its user name and password (with two-step sign-in an app password).",
    aliases=("mail", "e-mail"),
    example_settings={"from_address": "help@acme.example", "smtp_host": "localhost", "inbound_secret": "example"},
)
