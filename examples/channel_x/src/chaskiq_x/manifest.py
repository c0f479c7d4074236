"""What X's direct messages carry, which settings they need, and what X's refusals mean."""

import re

from pydantic import field_validator

from chaskiq_core.plugin import (
    Capabilities,
    ChannelSettings,
    ErrorRule,
    Idempotency,
    Manifest,
    ProfileScope,
    RateLimit,
    Secret,
    TextCapability,
)

PUBLIC_API = "https://api.x.com"
MAX_TEXT = 10_000
NUMBER = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)


class XSettings(ChannelSettings):
    """What an operator gives, from the app's page in X's developer portal."""

    user_id: str
    """The account's number: the digits before the dash of the access token."""
    consumer_key: Secret
    """API key of the app."""
    consumer_secret: Secret
    """API key secret of the app; X signs its webhooks with it."""
    access_token: Secret
    """Access token of the account."""
    access_token_secret: Secret
    """Access token secret of the account."""
    app_id: str | None = None
    """The app's number; with it, the echo of what we sent is known even before X has answered."""
    api_base: str = PUBLIC_API
    """Where the API is: X's, or a sandbox's."""

    @field_validator("user_id")
    @classmethod
    def _check_user_id(cls, number: str) -> str:
        if not NUMBER.fullmatch(number):
            raise ValueError("it must be the account's number, not its name")
        return number

    def account(self) -> str:
        """The account's number."""
        return self.user_id


ERRORS = (
    ErrorRule(code="401", contains="", error_class="reauth"),
    ErrorRule(code="403", contains="oauth", error_class="reauth"),
    ErrorRule(code="403", contains="suspended", error_class="account"),
    ErrorRule(code="403", contains="", error_class="recipient"),
    ErrorRule(code="404", contains="", error_class="recipient"),
    ErrorRule(code="400", contains="", error_class="content"),
    ErrorRule(code="429", contains="", error_class="transient"),
    ErrorRule(code="503", contains="", error_class="transient"),
)
"""The first rule that fits counts; an answer that none knows is an unknown outcome."""

MANIFEST = Manifest(
    provider="x",
    title="X direct messages",
    settings=XSettings,
    capabilities=Capabilities(text=TextCapability(max_length=MAX_TEXT)),
    offers=frozenset({"fetch_media", "health"}),
    methods=frozenset({"GET", "POST"}),
    rate_limits=(RateLimit(scope="account", count=15, per_seconds=900, burst=15),),
    idempotency=Idempotency.NONE,
    profile_scope=ProfileScope.PROVIDER,
    errors=ERRORS,
    help="Keys and tokens of the app are in X's developer portal; register the hook URL there, too.",
    aliases=("twitter",),
    example_settings={
        "user_id": "4337869213",
        "consumer_key": "a-consumer-key",
        "consumer_secret": "a-consumer-secret",
        "access_token": "4337869213-a-token",
        "access_token_secret": "a-token-secret",
    },
)
