"""What Slack carries, how fast, which settings it needs, and what its refusals mean."""

import re
from typing import Literal

from pydantic import field_validator

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

PUBLIC_API = "https://slack.com/api"
OUR_METADATA = "chaskiq_piece"
"""The `event_type` of the metadata that our messages carry; its payload's `key` is Piece.key."""
MAX_TEXT_CODE_POINTS = 4_000
MAX_FILE_BYTES = 1_000_000_000
MAX_FILES = 10
MAX_OPTIONS = 25
"""Elements of an actions block."""
MAX_LABEL = 75

_TOKEN = re.compile(r"xox[a-z](\.xox[a-z])?-[A-Za-z0-9._-]+|xoxe\.[A-Za-z0-9._-]+", re.ASCII)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,30}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/?#@{}]+(/[^\s?#@{}]*)?", re.IGNORECASE)


class SlackSettings(ChannelSettings):
    """What an operator gives."""

    bot_token: Secret
    """The app's Bot User OAuth Token, under OAuth & Permissions: xoxb-…"""
    signing_secret: Secret
    """The app's Signing Secret, under Basic Information."""
    api_base: str = PUBLIC_API
    """Where the Web API is: Slack's, or a sandbox's."""
    mirror_channel: str | None = None
    """The id of a channel in which agents follow the conversations of other integrations, each in a thread: C…"""
    mirror_replies: Literal["note", "reply"] = "note"
    """What agents write in those threads: `note` stays inside unless it begins with !reply; `reply` goes to the contact
    unless it begins with !note."""

    @field_validator("bot_token")
    @classmethod
    def _check_token(cls, token: str) -> str:
        if not _TOKEN.fullmatch(token):
            raise ValueError("it must be a bot token as Slack shows it: xoxb- and the rest")
        return token

    @field_validator("signing_secret")
    @classmethod
    def _check_secret(cls, secret: str) -> str:
        if not secret:
            raise ValueError("it must not be empty")
        return secret

    @field_validator("mirror_channel")
    @classmethod
    def _check_mirror_channel(cls, channel: str | None) -> str | None:
        if not channel:
            return None
        if not _CHANNEL.fullmatch(channel):
            raise ValueError("it must be a channel's id as its details in Slack show it: C0123456789")
        return channel

    @field_validator("api_base")
    @classmethod
    def _check_api_base(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("it must be an http or https address without a query")
        return address.rstrip("/")


def _rules(error_class: str, *codes: str) -> tuple[ErrorRule, ...]:
    return tuple(ErrorRule(code=code, contains="", error_class=error_class) for code in codes)


MAY_BE_DONE = ("internal_error", "fatal_error", "service_unavailable", "500", "502", "503", "504")
"""Errors after which a message may be there all the same: `look_up` finds out."""
ERRORS = (
    *_rules(
        "reauth",
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "not_allowed_token_type",
        "no_permission",
        "org_login_required",
        "two_factor_setup_required",
        "app_access_restricted",
        "access_denied",
        "team_not_found",
    ),
    *_rules(
        "recipient",
        "channel_not_found",
        "is_archived",
        "user_not_found",
        "user_disabled",
        "cannot_dm_bot",
        "messages_tab_disabled",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "cannot_reply_to_message",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "posting_to_channel_denied",
        "not_in_channel",
    ),
    *_rules(
        "content",
        "no_text",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "too_many_attachments",
        "attachment_payload_limit_exceeded",
        "metadata_too_large",
        "invalid_charset",
        "markdown_text_conflict",
        "message_not_found",
        "cant_update_message",
        "cant_delete_message",
        "edit_window_closed",
        "storage_limit_reached",
        "file_uploads_disabled",
        "file_type_not_allowed",
    ),
    *_rules("account", "accesslimited", "message_limit_exceeded"),
    *_rules("transient", "ratelimited", "rate_limited", "429", "request_timeout", "team_added_to_org", *MAY_BE_DONE),
)
"""By Slack's own word for it. One that stands in no line is the content's fault, of a 5xx it is ambiguous."""

_FILE = MediaCapability(max_bytes=MAX_FILE_BYTES)
CAPABILITIES = Capabilities(
    text=TextCapability(max_length=MAX_TEXT_CODE_POINTS, counted_in=Counted.CODE_POINTS),
    caption=TextCapability(max_length=MAX_TEXT_CODE_POINTS, counted_in=Counted.CODE_POINTS),
    media={"image": _FILE, "video": _FILE, "audio": _FILE, "voice": _FILE, "file": _FILE},
    album=AlbumCapability(max_items=MAX_FILES, together=(frozenset({"image", "video", "audio", "voice", "file"}),)),
    options=OptionsCapability(max_options=MAX_OPTIONS, max_label=MAX_LABEL),
    reply=Level.DROPPED,  # an answer to one message is a thread: a conversation of its own
    edit=Level.FULL,
    delete=Level.FULL,
)

MANIFEST = Manifest(
    provider="slack",
    title="Slack",
    settings=SlackSettings,
    capabilities=CAPABILITIES,
    offers=frozenset(
        {
            "accounts_of",
            "look_up",
            "edit",
            "delete",
            "fetch_media",
            "fetch_profile",
            "open_mirror",
            "show_mirror",
            "install",
            "health",
        }
    ),
    methods=frozenset({"POST"}),
    rate_limits=(
        RateLimit(scope="account", count=300, per_seconds=60, burst=20),
        RateLimit(scope="chat", count=1, per_seconds=1, burst=3),
    ),
    idempotency=Idempotency.LOOKUP,
    profile_scope=ProfileScope.ACCOUNT,
    errors=ERRORS,
    help=(
        "Make an app at api.slack.com/apps; the token stands under OAuth & Permissions, the secret under Basic "
        "Information. Set the hook URL as Request URL of Event Subscriptions, Interactivity and slash commands."
    ),
    example_settings={"bot_token": "xoxb-example", "signing_secret": "example"},
)
