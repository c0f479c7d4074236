"""Conversations, their parts and the channels they travel on. Written by the room `conversations`."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from chaskiq_core.model.ids import AgentId, AppId, AppUserId, ConversationId, ConversationKey, IntegrationId, PartKey
from chaskiq_core.model.table import JSON_TYPE, JsonObject, Table, TenantTable


class ConversationState(enum.StrEnum):
    """Where a conversation stands."""

    OPENED = "opened"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class PartKind(enum.StrEnum):
    """What the body of a part is."""

    CONTENT = "content"
    BLOCK = "block"
    EVENT = "event"


class Conversation(TenantTable):
    """The unit of talk between one main participant and the business."""

    __tablename__ = "chaskiq_conversations"

    key: Mapped[ConversationKey]
    state: Mapped[ConversationState]
    priority: Mapped[bool]
    subject: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(JSON_TYPE)
    assignee_id: Mapped[AgentId | None] = mapped_column(BigInteger)
    main_participant_id: Mapped[AppUserId] = mapped_column(BigInteger)
    last_seq: Mapped[int]
    unread_count: Mapped[int]
    """Agents' visible parts that the main participant has not read."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    first_agent_reply_at: Mapped[datetime | None]
    latest_user_visible_comment_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once
    __table_args__ = (
        UniqueConstraint("app_id", "key"),
        ForeignKeyConstraint(["app_id", "assignee_id"], ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"]),
        ForeignKeyConstraint(["app_id", "main_participant_id"], ["chaskiq_app_users.app_id", "chaskiq_app_users.id"]),
        Index("ix_chaskiq_conversations_updated_at", "app_id", "updated_at", "id"),
        Index("ix_chaskiq_conversations_main_participant_id", "app_id", "main_participant_id"),
    )


class Participant(Table):
    """A contact who takes part in a conversation; the main participant is one of them."""

    __tablename__ = "chaskiq_participants"

    app_id: Mapped[AppId] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[ConversationId] = mapped_column(BigInteger, primary_key=True)
    app_user_id: Mapped[AppUserId] = mapped_column(BigInteger, primary_key=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["app_id", "conversation_id"], ["chaskiq_conversations.app_id", "chaskiq_conversations.id"]
        ),
        ForeignKeyConstraint(["app_id", "app_user_id"], ["chaskiq_app_users.app_id", "chaskiq_app_users.id"]),
    )


IS_CURRENT = "chaskiq_conversation_channels.current"
"""As SQL, as the index of current channels has it: SQLite knows it by its words, and `current = 1` is other words."""


class ConversationChannel(TenantTable):
    """A chat of one integration (and its thread) that carries a conversation."""

    __tablename__ = "chaskiq_conversation_channels"

    conversation_id: Mapped[ConversationId] = mapped_column(BigInteger)
    integration_id: Mapped[IntegrationId] = mapped_column(BigInteger)
    provider: Mapped[str]
    channel_id: Mapped[str]
    """The provider's bare id of the chat."""
    thread_id: Mapped[str]
    """The provider's topic or business connection; '' where there is none, never NULL: NULLs don't collide."""
    is_group: Mapped[bool]
    """Whether several people write there: providers limit groups apart."""
    current: Mapped[bool]
    """Whether what comes in on this chat belongs to this conversation."""
    mirror: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it is where agents follow the conversation: it carries all parts, notes too, and no contact sees it."""
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    """When the contact last wrote here, by the provider's clock."""
    __table_args__ = (
        ForeignKeyConstraint(
            ["app_id", "conversation_id"], ["chaskiq_conversations.app_id", "chaskiq_conversations.id"]
        ),
        ForeignKeyConstraint(["app_id", "integration_id"], ["chaskiq_integrations.app_id", "chaskiq_integrations.id"]),
        # Invariant 2: one chat belongs to one conversation, so eight first messages open one.
        Index(
            "uq_chaskiq_conversation_channels_current",
            "app_id",
            "integration_id",
            "channel_id",
            "thread_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
        Index("ix_chaskiq_conversation_channels_conversation_id", "app_id", "conversation_id"),
    )


class ConversationPart(TenantTable):
    """A message, a block or an event in a conversation, by one author."""

    __tablename__ = "chaskiq_conversation_parts"

    key: Mapped[PartKey]
    conversation_id: Mapped[ConversationId] = mapped_column(BigInteger)
    seq: Mapped[int]
    """1, 2, 3 … within the conversation, without gaps."""
    kind: Mapped[PartKind]
    app_user_id: Mapped[AppUserId | None] = mapped_column(BigInteger)
    agent_id: Mapped[AgentId | None] = mapped_column(BigInteger)
    content: Mapped[JsonObject | None] = mapped_column(JSON_TYPE)
    """The Document as ProseMirror JSON; of content parts only."""
    text: Mapped[str]
    event_action: Mapped[str | None]
    event_data: Mapped[JsonObject | None] = mapped_column(JSON_TYPE)
    block: Mapped[JsonObject | None] = mapped_column(JSON_TYPE)
    private_note: Mapped[bool]
    unsupported: Mapped[bool]
    client_id: Mapped[str | None]
    """The author's own id for it, prefixed by who the author is; a repeat with the same one is the same part."""
    reply_to_id: Mapped[int | None]
    details: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    """What a provider told of it beyond the text: quote, forwarded, group_id, attachments as they come."""
    created_at: Mapped[datetime]
    provider_sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    __table_args__ = (
        # Invariant 3: a second part with a taken seq is a race, never a gap and never a swap.
        UniqueConstraint("app_id", "conversation_id", "seq"),
        # Invariant 11: a door's repeat finds the first one here.
        UniqueConstraint("app_id", "conversation_id", "client_id"),
        UniqueConstraint("app_id", "key"),
        ForeignKeyConstraint(
            ["app_id", "conversation_id"], ["chaskiq_conversations.app_id", "chaskiq_conversations.id"]
        ),
        ForeignKeyConstraint(["app_id", "app_user_id"], ["chaskiq_app_users.app_id", "chaskiq_app_users.id"]),
        ForeignKeyConstraint(["app_id", "agent_id"], ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"]),
        ForeignKeyConstraint(
            ["app_id", "reply_to_id"], ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"]
        ),
    )


class PartSource(TenantTable):
    """Under which id a provider knows a part: what dedupes it, and how an edit or a status finds it."""

    __tablename__ = "chaskiq_part_sources"

    part_id: Mapped[int]
    integration_id: Mapped[IntegrationId] = mapped_column(BigInteger)
    provider: Mapped[str]
    account: Mapped[str]
    message_key: Mapped[str]
    """The plugin's account-wide id of the message."""
    external_id: Mapped[str]
    """The provider's bare id, as shown outside."""
    __table_args__ = (
        # Invariant 2: the same provider message never becomes two parts.
        UniqueConstraint("app_id", "account", "message_key"),
        ForeignKeyConstraint(
            ["app_id", "part_id"], ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"]
        ),
        ForeignKeyConstraint(["app_id", "integration_id"], ["chaskiq_integrations.app_id", "chaskiq_integrations.id"]),
        Index("ix_chaskiq_part_sources_part_id", "app_id", "part_id"),
    )


class ThreadAlias(Table):
    """An id that messages of a thread name each other by, of one that we have or only heard of, in one account."""

    __tablename__ = "chaskiq_thread_aliases"

    # Invariant 3: two messages of one thread that come at once meet here, and one conversation comes out.
    app_id: Mapped[AppId] = mapped_column(BigInteger, primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[ConversationId] = mapped_column(BigInteger)
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    """The message itself; None: it was only named."""
    __table_args__ = (
        ForeignKeyConstraint(
            ["app_id", "conversation_id"], ["chaskiq_conversations.app_id", "chaskiq_conversations.id"]
        ),
        ForeignKeyConstraint(
            ["app_id", "part_id"], ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"]
        ),
        Index("ix_chaskiq_thread_aliases_conversation_id", "app_id", "conversation_id"),
    )


class Media(TenantTable):
    """A file of this App: what came in with a part, or what an agent uploaded."""

    __tablename__ = "chaskiq_media"

    key: Mapped[str]
    """Random; under this name the media store has the bytes."""
    filename: Mapped[str]
    mime: Mapped[str]
    """What its first bytes show, never what its sender said."""
    size: Mapped[int]
    """Bytes."""
    agent_id: Mapped[AgentId | None] = mapped_column(BigInteger)
    """Who uploaded it; None: it came in."""
    created_at: Mapped[datetime]
    __table_args__ = (
        # Invariant 6: a key opens a file of its own App only.
        UniqueConstraint("app_id", "key"),
        ForeignKeyConstraint(["app_id", "agent_id"], ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"]),
    )
