"""What the web messenger carries, and its settings."""

import hashlib
import re
import secrets

from pydantic import field_validator

from chaskiq_core.plugin import (
    Capabilities,
    ChannelSettings,
    Idempotency,
    Level,
    Manifest,
    MediaCapability,
    OptionsCapability,
    ProfileScope,
    Secret,
    TextCapability,
)

MIN_SECRET = 32
MAX_FILE_BYTES = 100_000_000
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class WebSettings(ChannelSettings):
    """The settings of a web messenger."""

    identity_secret: Secret | None = None
    """Signs sessions, and proves who a user of your site is; made up where it is missing. Keep it on your server."""
    allowed_origins: str = ""
    """The sites that may show the messenger, separated by commas: `https://www.example.com`. Empty: any."""

    @field_validator("identity_secret")
    @classmethod
    def _check_secret(cls, secret: str | None) -> str | None:
        if secret and len(secret) < MIN_SECRET:
            raise ValueError(f"it must have {MIN_SECRET} characters or more")
        return secret or None

    @field_validator("allowed_origins")
    @classmethod
    def _check_origins(cls, origins: str) -> str:
        named = [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()]
        for origin in named:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin[:80]!r} is no origin: it must look like https://www.example.com")
        return ",".join(named)

    def account(self) -> str:
        """A name of its own for each secret: the messages of two messengers are never one."""
        return hashlib.sha256(f"account\n{self.identity_secret}".encode()).hexdigest()[:24]

    def with_generated(self) -> "WebSettings":
        """The settings with a secret."""
        if self.identity_secret is not None:
            return self
        return self.model_copy(update={"identity_secret": secrets.token_urlsafe(32)})

    def allows(self, origin: str | None) -> bool:
        """Whether a page of that origin may show the messenger; one that names none is no browser's."""
        return not self.allowed_origins or origin is None or origin in self.allowed_origins.split(",")


CAPABILITIES = Capabilities(
    text=TextCapability(max_length=20_000),
    caption=TextCapability(max_length=20_000),
    media={kind: MediaCapability(max_bytes=MAX_FILE_BYTES) for kind in ("image", "video", "audio", "voice", "file")},
    options=OptionsCapability(max_options=50, max_label=200),
    reply=Level.FULL,
    edit=Level.FULL,
    delete=Level.FULL,
    typing=Level.FULL,
)

MANIFEST = Manifest(
    provider="web",
    title="Web messenger",
    settings=WebSettings,
    capabilities=CAPABILITIES,
    offers=frozenset({"edit", "delete", "typing", "install"}),
    idempotency=Idempotency.KEY,
    profile_scope=ProfileScope.ACCOUNT,
    reaches=False,
    help="Give the key of this integration's URL to the messenger in your page; sign your users' e-mail addresses with "
    "the identity secret.",
    example_settings={"identity_secret": "an example of a secret that nobody has"},
)
