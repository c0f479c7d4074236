"""What people outside see: values in the shape of CONTRACT.md's JSON. Presenters make them, doors show them."""

from dataclasses import dataclass
from datetime import datetime

from chaskiq_core.model.table import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A contact or an agent."""

    id: str
    kind: str
    """visitor | lead | user | agent | bot"""
    name: str
    email: str | None
    avatar_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """Who a contact is at a provider."""

    provider: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUserView:
    """A contact with all that is known."""

    id: str
    kind: str
    name: str
    email: str | None
    avatar_url: str | None
    phone: str | None
    properties: JsonObject
    subscription_state: str
    profiles: tuple[ProfileView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanSend:
    """Whether a free text may go out on a channel now."""

    free_form: bool
    until: datetime | None
    reason: str | None
    templates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A provider's chat that carries the conversation."""

    provider: str
    integration_id: str
    provider_channel_id: str
    provider_thread_id: str | None
    can_send: CanSend


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPartView:
    """The beginning of what was said last: a message or a note, never an event."""

    seq: int
    from_contact: bool
    text: str
    """Its first 200 characters."""
    attachment: str | None
    """The type of its first attachment."""
    private_note: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation without its parts."""

    key: str
    state: str
    priority: bool
    subject: str | None
    tags: tuple[str, ...]
    assignee: PersonView | None
    team: str | None
    main_participant: PersonView
    participants: tuple[PersonView, ...]
    channels: tuple[ChannelView, ...]
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    first_agent_reply_at: datetime | None
    latest_user_visible_comment_at: datetime | None
    unread_count: int
    version: int
    """Grows with each change; clients drop older ones."""
    last_part: LastPartView | None = None
    """In lists and of a conversation that is asked for; None elsewhere, and where nothing was said yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorView:
    """What stands at the head of a conversation's mirror."""

    conversation: ConversationView
    contact: AppUserView
    agents: tuple[PersonView, ...]
    """Who may be its assignee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorView:
    """Who wrote a part."""

    type: str
    """app_user | agent | bot"""
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """What an event part tells."""

    action: str
    data: JsonObject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """Under which id a provider knows the part."""

    provider: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryErrorView:
    """Why a delivery failed or is unknown."""

    class_: str
    code: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A part on its way to one channel."""

    id: str
    provider: str
    state: str
    error: DeliveryErrorView | None
    external_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """A part as agents see it; what a contact sees has no seq, no deliveries, and never a note."""

    key: str
    seq: int
    kind: str
    author: AuthorView
    text: str
    html: str
    content: JsonObject | None
    attachments: tuple[JsonObject, ...]
    block: JsonObject | None
    event: EventView | None
    private_note: bool
    reply_to: str | None
    quote: str | None
    forwarded: JsonObject | None
    group_id: str | None
    reactions: tuple[JsonObject, ...]
    former: tuple[JsonObject, ...]
    """What it said before it was edited, {"text", "until"}, the oldest first; for agents only."""
    unsupported: bool
    created_at: datetime
    provider_sent_at: datetime | None
    read_at: datetime | None
    edited_at: datetime | None
    deleted_at: datetime | None
    sources: tuple[SourceView, ...]
    deliveries: tuple[DeliveryView, ...]
    referral: JsonObject | None = None
    """What led the contact here: an advertisement, a post, a product; for agents only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """A file of the App."""

    id: str
    type: str
    """image | video | audio | file"""
    filename: str
    mime: str
    """What its bytes are."""
    size: int
    url: str | None
    """Where it can be fetched, for ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationView:
    """An installed channel; its secrets are masked."""

    id: str
    provider: str
    name: str
    state: str
    state_reason: str | None
    hook_url: str | None
    settings: JsonObject
    on_unknown: str
    """What happens to what may or may not have left: `flag` (agents decide) or `resend`."""
