"""What WhatsApp carries, how fast, which settings it needs, and what Meta's error codes mean."""

import re

from pydantic import field_validator

from chaskiq_core.plugin import (
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

PUBLIC_API = "https://graph.facebook.com"
API_VERSION = "v25.0"
MAX_TEXT_CODE_POINTS = 4096
MAX_CAPTION_CODE_POINTS = 1024
MAX_BUTTONS = 3
MAX_BUTTON_LABEL = 20
MAX_BUTTONS_BODY = 1024
MAX_ROWS = 10
MAX_ROW_LABEL = 24
WINDOW_SECONDS = 24 * 3600
"""How long after a person's last message anything but a template may be sent."""

IMAGE_TYPES = frozenset({"image/jpeg", "image/png"})
VIDEO_TYPES = frozenset({"video/mp4", "video/3gpp"})
AUDIO_TYPES = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})
DOCUMENT_TYPES = frozenset(
    {
        "text/plain",
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    }
)

_DIGITS = re.compile(r"[0-9]{1,32}", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}", re.ASCII)
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/?#@{}]+(/[^\s?#@{}]*)?", re.IGNORECASE)


class WhatsAppSettings(ChannelSettings):
    """What an operator gives."""

    phone_number_id: str
    """Meta's id of the business phone number; it is not the number."""
    access_token: Secret
    """A system user's token with whatsapp_business_messaging and whatsapp_business_management."""
    app_secret: Secret
    """The Meta app's secret: Meta signs its webhooks with it."""
    verify_token: Secret
    """Any words of yours; Meta shows them when the webhook is registered."""
    waba_id: str | None = None
    """The WhatsApp Business Account's id: needed to subscribe to its webhooks and to list templates."""
    api_base: str = PUBLIC_API
    """Where the Graph API is: Meta's, a proxy's, or a sandbox's."""
    api_version: str = API_VERSION
    """The Graph API's version in each path; one lives for about two years."""

    @field_validator("phone_number_id", "waba_id", mode="before")
    @classmethod
    def _check_id(cls, value: object) -> str | None:
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else value
        if text in (None, ""):
            return None
        if not isinstance(text, str) or not _DIGITS.fullmatch(text):
            raise ValueError("it must be an id of digits, as Meta's dashboard shows it")
        return text

    @field_validator("access_token", "app_secret", "verify_token")
    @classmethod
    def _check_token(cls, token: str) -> str:
        if not _TOKEN.fullmatch(token):
            raise ValueError("it must be 1 to 4096 visible ASCII characters")
        return token

    @field_validator("api_base")
    @classmethod
    def _check_api_base(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("it must be an http or https address without a query")
        return address.rstrip("/")

    @field_validator("api_version")
    @classmethod
    def _check_api_version(cls, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise ValueError(f"it must be a version as {API_VERSION}")
        return version

    def account(self) -> str:
        """The phone number's id."""
        return self.phone_number_id

    @property
    def graph(self) -> str:
        """Where every path of the Graph API begins."""
        return f"{self.api_base}/{self.api_version}"


def _rules(error_class: str, *codes: int) -> tuple[ErrorRule, ...]:
    return tuple(ErrorRule(code=str(code), contains="", error_class=error_class) for code in codes)


ERRORS = (
    *_rules("reauth", 0, 190, 3, 10, *range(200, 300), 131005),
    *_rules("account", 368, 131031, 130497),  # blocked, locked, restricted
    *_rules("account", 131042, 131037, 131045, 133010, 33),  # payment, name, certificate, not registered, gone
    *_rules("transient", 4, 80007, 130429, 133016, 613),  # the number sends too fast
    *_rules("transient", 131056),  # to this person too fast
    *_rules("content", 131048, 131064),  # taken for spam
    *_rules("recipient", 131049, 130472, 131050),  # not now, an experiment, no marketing
    *_rules("ambiguous", 131000),
    *_rules("transient", 2, 131016, 131057, 133004, 1),
    *_rules("recipient", 131026, 131030, 131021, 131062, 137000),
    *_rules("window", 131047),
    *_rules("content", 131051, 131008, 131009, 100, 135000),
    *_rules("content", 131052, 131053),  # media
    *_rules("content", 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069),  # templates
)
"""By the code alone: Meta's sentences change, and HTTP statuses repeat."""

CAPABILITIES = Capabilities(
    text=TextCapability(max_length=MAX_TEXT_CODE_POINTS, counted_in=Counted.CODE_POINTS, sign_length=2),
    caption=TextCapability(max_length=MAX_CAPTION_CODE_POINTS, counted_in=Counted.CODE_POINTS, sign_length=2),
    media={
        "image": MediaCapability(max_bytes=5_000_000, mimes=IMAGE_TYPES),
        "video": MediaCapability(max_bytes=16_000_000, mimes=VIDEO_TYPES),
        "audio": MediaCapability(max_bytes=16_000_000, mimes=AUDIO_TYPES, caption=False),
        "voice": MediaCapability(max_bytes=16_000_000, mimes=AUDIO_TYPES, caption=False),
        "file": MediaCapability(max_bytes=100_000_000, mimes=DOCUMENT_TYPES),
    },
    options=OptionsCapability(max_options=MAX_ROWS, max_label=MAX_ROW_LABEL, with_media=False),
    reply=Level.FULL,
    typing=Level.FULL,
    templates=Level.PARTIAL,  # no carousels, no one-time codes
)

MANIFEST = Manifest(
    provider="whatsapp",
    title="WhatsApp",
    settings=WhatsAppSettings,
    capabilities=CAPABILITIES,
    offers=frozenset({"typing", "mark_read", "list_templates", "fetch_media", "install", "uninstall", "health"}),
    methods=frozenset({"GET", "POST"}),
    rate_limits=(
        RateLimit(scope="account", count=80, per_seconds=1),
        # What goes beyond one in six seconds is paid back later.
        RateLimit(scope="pair", count=1, per_seconds=6, burst=45),
    ),
    window_seconds=WINDOW_SECONDS,
    idempotency=Idempotency.CALLBACK,
    profile_scope=ProfileScope.PROVIDER,
    errors=ERRORS,
    help="In Meta's app dashboard: WhatsApp, API setup (the ids and the token) and App settings, Basic (the secret).",
    example_settings={
        "phone_number_id": "100000000000001",
        "access_token": "example",
        "app_secret": "example",
        "verify_token": "example",
    },
)
