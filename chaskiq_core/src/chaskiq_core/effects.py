"""What may follow from anything, as values: whoever asks returns effects, `conversations.perform` alone writes them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from chaskiq_core.content import Document
from chaskiq_core.model.ids import AgentId, AppUserId
from chaskiq_core.model.table import JsonObject


class EventAction(StrEnum):
    """What an event part tells; CONTRACT.md's closed set."""

    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    CLOSED = "closed"
    REOPENED = "reopened"
    SNOOZED = "snoozed"
    PRIORITIZED = "prioritized"
    TAGGED = "tagged"
    JOINED = "joined"
    LEFT = "left"
    UNSUBSCRIBED = "unsubscribed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote a part: a contact or an agent (human or bot), exactly one of them."""

    app_user_id: AppUserId | None = None
    agent_id: AgentId | None = None
    is_bot: bool = False
    """Whether the agent is a bot; its parts are nobody's first reply and are not counted as unread."""

    @property
    def is_customer(self) -> bool:
        """Whether a contact wrote it."""
        return self.app_user_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The provider's message that a part is: set by inbound only."""

    channel_id: int
    """Our row of the chat it came from; it is never sent back there."""
    integration_id: int
    provider: str
    account: str
    message_key: str
    """The plugin's account-wide id; '' when the provider gave none."""
    external_id: str
    """The provider's bare id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPart:
    """Add a part: content, a block or an event, exactly one of them."""

    content: Document | None = None
    block: JsonObject | None = None
    event: EventAction | None = None
    event_data: JsonObject | None = None
    author: Author | None = None
    """None: the App's bot."""
    private_note: bool = False
    client_id: str | None = None
    """The author's own id for it, up to 100 characters: the same again in this conversation is the same part."""
    reply_to: str | None = None
    """The key of the part that is answered; one that is not in this conversation is no answer."""
    unsupported: bool = False
    """A placeholder for a kind of message that the channel knows and we do not show."""
    details: JsonObject | None = None
    """What a provider told beyond the text: attachments, quote, forwarded, group_id."""
    sent_at: datetime | None = None
    """The provider's time."""
    origin: Origin | None = None
    quiet: bool = False
    """Taken from the past: no unread, no rules, no bots, no observers."""
    automatic: bool = False
    """A machine wrote it: no machine answers, so no bots and no observers."""
    bulk: bool = False
    """One of many: it goes out after what people and bots say in conversations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Assign to an agent, or to nobody."""

    agent_id: AgentId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close the conversation; a closed one stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """Open it again; an open one stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Put the conversation aside until a time, or until the contact writes."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Prioritize:
    """Show the conversation before the others, or not any more."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetField:
    """Set one field of the main participant: name, email, phone, or a property of any other name."""

    name: str
    value: str | int | float | bool | None


Effect: TypeAlias = AddPart | Assign | Close | Reopen | Snooze | Prioritize | SetField
"""What an observer returns a list of."""
