"""What Parrot carries, which settings it needs, and what its refusals mean."""

from chaskiq_core.plugin import (
    Capabilities,
    ChannelSettings,
    ErrorRule,
    Idempotency,
    Level,
    Manifest,
    ProfileScope,
    RateLimit,
    Secret,
    TextCapability,
)

PUBLIC_API = "https://api.parrot.example"
MAX_TEXT = 1000


class ParrotSettings(ChannelSettings):
    """What an operator gives."""

    access_token: Secret
    """What our calls show, from Parrot's settings page."""
    signing_secret: Secret
    """What Parrot signs its webhooks with."""
    api_base: str = PUBLIC_API
    """Where the API is: Parrot's, or a sandbox's."""


ERRORS = (
    ErrorRule(code="401", contains="", error_class="reauth"),
    ErrorRule(code="403", contains="", error_class="recipient"),
    ErrorRule(code="404", contains="", error_class="recipient"),
    ErrorRule(code="400", contains="", error_class="content"),
    ErrorRule(code="429", contains="", error_class="transient"),
    ErrorRule(code="500", contains="", error_class="transient"),
    ErrorRule(code="503", contains="", error_class="transient"),
)
"""The first rule that fits counts."""

MANIFEST = Manifest(
    provider="parrot",
    title="Parrot",
    settings=ParrotSettings,
    capabilities=Capabilities(text=TextCapability(level=Level.FALLBACK, max_length=MAX_TEXT), reply=Level.FULL),
    offers=frozenset({"install"}),
    rate_limits=(RateLimit(scope="account", count=20, per_seconds=1),),
    idempotency=Idempotency.NONE,
    profile_scope=ProfileScope.ACCOUNT,
    errors=ERRORS,
    help="Both are on the page Developers of your Parrot account.",
    example_settings={"access_token": "an-access-token", "signing_secret": "a-signing-secret"},
)
