"""What happened at the provider: the values that `parse` returns. A new kind is a class here and a case in `apply`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal, TypeAlias

from chaskiq_core.content import Document
from chaskiq_core.model.table import JsonObject

AttachmentType = Literal["image", "video", "audio", "voice", "file", "sticker", "location", "contact"]
"""What a message carries beside its text."""
Direction = Literal["in", "out"]
"""`in`: a contact wrote it; `out`: the business side did, outside of Chaskiq."""

Mirrored = Literal["note", "reply"]
"""What an agent's message in a mirror is: for agents only, or for the contact."""
MirrorAction = Literal["close", "reopen", "prioritize", "deprioritize", "assign", "unassign", "send"]
"""What an agent may ask for in a mirror; `send` gives the contact what was a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The provider's chat, by its bare ids."""

    channel_id: str
    thread_id: str = ""
    """The topic or the business connection within it; '' where there is none."""
    is_group: bool = False
    is_person: bool = False
    """Its id is one of the other person's: it is the same chat under any of their ids."""
    title: str = ""
    key: str = ""
    """A readable name of chat and thread, unique within the provider; '' is made of the two ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who did it, as the provider names them."""

    id: str
    """The provider's bare id; never empty."""
    name: str
    aliases: tuple[str, ...] = ()
    """Other ids of the same person (a phone, a business-scoped id); any of them finds the profile."""
    is_bot: bool = False
    email: str | None = None
    phone: str | None = None
    data: JsonObject = field(default_factory=dict)
    """What else the provider told of them: username, language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file, a place or a contact card in a message. What a type has no use for is None."""

    type: AttachmentType
    provider_file_id: str | None = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    """Bytes."""
    duration: float | None = None
    """Seconds."""
    width: int | None = None
    height: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None
    address: str | None = None
    phone: str | None = None
    emoji: str | None = None
    unavailable: bool = False
    """It can't be fetched, and never will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    event_id: str
    """The provider's id of the event, for people who search; it dedupes nothing (`route` does)."""
    chat: Chat | None = None
    sender: Sender | None = None
    at: datetime | None = None
    """The provider's time, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(_Happened):
    """Somebody wrote; also the business side itself in the provider's own app (`direction` out)."""

    kind: ClassVar[str] = "message"

    message_id: str
    """The provider's bare id."""
    message_key: str
    """Unique within the provider's account: what an edit, a status or a repeat finds the part by."""
    text: str = ""
    content: Document | None = None
    """The same with its marks; None: the text as it is."""
    attachments: tuple[Attachment, ...] = ()
    direction: Direction = "in"
    recipient: Sender | None = None
    """Of an outgoing message: whom the business side wrote to."""
    reply_to: str | None = None
    """The bare id of the answered message."""
    reply_to_key: str | None = None
    quote: str | None = None
    forwarded: JsonObject | None = None
    """Whom it was forwarded from: {"name", …}."""
    referral: JsonObject | None = None
    """What led the person here, an advertisement or a product: {"source_type", "source_id", …}."""
    group_id: str | None = None
    """The album."""
    command: str | None = None
    unsupported: bool = False
    """A kind that we can't show: the text is a placeholder."""
    auto: bool = False
    """Sent by a machine: never answered by one."""
    historical: bool = False
    """From before the connection: no unread, no bots."""
    attempt_id: str | None = None
    """Of an echo of what we sent: the `Piece.key` that it carried. It settles that delivery, and is no part."""
    mirrored: Mirrored | None = None
    """Written where agents follow a conversation: a note, or by an explicit act a reply to the contact."""
    subject: str | None = None
    """What it is about, where the provider has that: the subject of a conversation that it starts."""
    alias: str | None = None
    """Its id as other messages will name it, where that is not `message_key`; never empty."""
    references: tuple[str, ...] = ()
    """Other messages of its thread, the likeliest first: their keys or aliases, whether we have them or not. It joins
    the first conversation that one leads to and that its sender takes part in; if there is none, its chat decides."""
    thread_token: str | None = None
    """The key of the conversation that it belongs to, as a token proves that we gave its sender: they may join it."""
    agent: str | None = None
    """The e-mail address of the agent who was given the token: then the agent wrote it, and it goes to the contact."""
    copied_to: tuple[str, ...] = ()
    """Who else got it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(_Happened):
    """A message has another text now."""

    kind: ClassVar[str] = "edit"

    message_id: str
    message_key: str
    text: str = ""
    content: Document | None = None
    attachments: tuple[Attachment, ...] = ()
    direction: Direction = "in"
    reply_to: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(_Happened):
    """Messages are gone."""

    kind: ClassVar[str] = "delete"

    message_ids: tuple[str, ...]
    message_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionChanged(_Happened):
    """Somebody's reactions to a message changed: what came and what went."""

    kind: ClassVar[str] = "reaction"

    message_id: str
    message_key: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaces: bool = False
    """Whatever else the sender had there is gone."""


class SendStatus(StrEnum):
    """How far a message got, as the provider tells."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    DELAYED = "delayed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(_Happened):
    """A message of ours got further, or failed."""

    kind: ClassVar[str] = "status"

    message_id: str
    message_key: str
    status: SendStatus
    error_code: str | None = None
    error_class: str | None = None
    error_message: str | None = None
    attempt_id: str | None = None
    """The `Piece.key` that our send carried, given back by the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged(_Happened):
    """Somebody joined, left, blocked us, or the chat became another one."""

    kind: ClassVar[str] = "membership"

    change: str
    """joined, left, bot_added, bot_removed, bot_blocked, bot_unblocked, migrated, or the provider's own word.

    `disconnected` without a chat: the provider took our access away, and the integration is broken until it is renewed.
    `identity_changed`: the sender has other ids now, those of the first of the members, and no more the old ones.
    """
    members: tuple[Sender, ...] = ()
    new_chat: Chat | None = None
    """Where the chat lives now."""
    old_chat: Chat | None = None
    """Where it lived before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(_Happened):
    """A person pressed a button of a message of ours."""

    kind: ClassVar[str] = "callback"

    callback_id: str
    data: str | None = None
    title: str | None = None
    message_id: str | None = None
    message_key: str | None = None
    text: str = ""
    own_message_id: str | None = None
    """Of a press that is a message of its own: its id, unique within the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAsked(_Happened):
    """An agent asks for something in a conversation's mirror, by a button or a choice."""

    kind: ClassVar[str] = "action"

    action: MirrorAction
    agent_id: str | None = None
    """Of assign: to whom."""
    message_key: str | None = None
    """Of send: which of the agents' messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(_Happened):
    """Something that says nothing to us; kept in the ledger with its reason."""

    kind: ClassVar[str] = "ignored"

    reason: str


InboundEvent: TypeAlias = (
    MessageReceived
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | StatusChanged
    | MembershipChanged
    | ButtonPressed
    | ActionAsked
    | Ignored
)
"""What `parse` returns: one thing that happened at the provider."""
