"""The ledgers that are the truth about work: what came in, what must go out, what is for later, and their lanes."""

import enum
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chaskiq_core.model.ids import AppId, ChannelId, ConversationId, DeliveryId, IntegrationId, PartId, RequestId
from chaskiq_core.model.table import JSON_TYPE, JsonObject, Table, TenantTable


class LaneKind(enum.StrEnum):
    """Which ledger a lane orders."""

    INBOUND = "in"
    OUTBOUND = "out"
    JOB = "job"


IS_OPEN = "state IN ('queued', 'sending') OR stale_since IS NOT NULL OR settle_by IS NOT NULL"
"""What an outbound lane has still to do, as SQL."""


IS_PENDING = "state = 'pending'"
"""The same of inbound lanes and jobs. Written out in statements: a bound value would keep partial indexes from use."""


class ItemState(enum.StrEnum):
    """Where an inbound item or a job stands."""

    PENDING = "pending"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


class DeliveryState(enum.StrEnum):
    """Where a delivery (or a piece of it) stands; CONTRACT.md's closed set."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class InboundRequest(TenantTable):
    """A webhook as it arrived, byte for byte."""

    __tablename__ = "chaskiq_inbound_requests"

    integration_id: Mapped[IntegrationId] = mapped_column(BigInteger)
    method: Mapped[str]
    headers: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    query: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None once purged."""
    received_at: Mapped[datetime]


class InboundItem(TenantTable):
    """One element of a webhook: what lanes order, retry, park and replay."""

    __tablename__ = "chaskiq_inbound_items"

    request_id: Mapped[RequestId] = mapped_column(BigInteger)
    integration_id: Mapped[IntegrationId] = mapped_column(BigInteger)
    account: Mapped[str]
    dedupe_key: Mapped[str]
    lane_key: Mapped[str]
    path: Mapped[str]
    """An RFC 6901 pointer into the body; '' is all of it."""
    state: Mapped[ItemState]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    error: Mapped[str | None]
    historical: Mapped[bool]
    """Replayed from the past: no unread, no bots, no reopening."""
    processed_at: Mapped[datetime | None]
    __table_args__ = (
        # Invariant 2: a webhook that comes again finds its key taken.
        UniqueConstraint("app_id", "account", "dedupe_key"),
        ForeignKeyConstraint(
            ["app_id", "request_id"], ["chaskiq_inbound_requests.app_id", "chaskiq_inbound_requests.id"]
        ),
        Index(
            "ix_chaskiq_inbound_items_pending",
            "app_id",
            "lane_key",
            "id",
            sqlite_where=text(IS_PENDING),
            postgresql_where=text(IS_PENDING),
        ),
        Index(
            "ix_chaskiq_inbound_items_failed",
            "app_id",
            "id",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
    )


class Delivery(TenantTable):
    """One part on its way to one channel."""

    __tablename__ = "chaskiq_deliveries"

    key: Mapped[str]
    """Random; the id that leaves the house, in provider metadata too."""
    part_id: Mapped[PartId] = mapped_column(BigInteger)
    conversation_id: Mapped[ConversationId] = mapped_column(BigInteger)
    channel_id: Mapped[ChannelId] = mapped_column(BigInteger)
    integration_id: Mapped[IntegrationId] = mapped_column(BigInteger)
    provider: Mapped[str]
    lane_key: Mapped[str]
    state: Mapped[DeliveryState]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    error: Mapped[JsonObject | None] = mapped_column(JSON_TYPE)
    """{class, code, message, retryable}"""
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    stale_since: Mapped[datetime | None]
    """When the part was edited or deleted after it left; None: the channel shows what we have."""
    priority: Mapped[int] = mapped_column(Integer, server_default="100")
    """The lower goes first among lanes; within its lane it keeps its place."""
    settle_by: Mapped[datetime | None]
    """Until when an unknown one may still be settled by the provider; its lane waits for that. None: nobody waits."""
    correlation_id: Mapped[str | None]
    """Whose work it is: the id of the webhook or the request that it follows from."""
    version: Mapped[int] = mapped_column(BigInteger)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once
    __table_args__ = (
        UniqueConstraint("app_id", "key"),
        # One delivery per part and channel, whoever plans it, however often.
        UniqueConstraint("app_id", "part_id", "channel_id"),
        ForeignKeyConstraint(
            ["app_id", "part_id"], ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"]
        ),
        ForeignKeyConstraint(
            ["app_id", "conversation_id"], ["chaskiq_conversations.app_id", "chaskiq_conversations.id"]
        ),
        ForeignKeyConstraint(
            ["app_id", "channel_id"], ["chaskiq_conversation_channels.app_id", "chaskiq_conversation_channels.id"]
        ),
        ForeignKeyConstraint(["app_id", "integration_id"], ["chaskiq_integrations.app_id", "chaskiq_integrations.id"]),
        Index(
            "ix_chaskiq_deliveries_open",
            "app_id",
            "lane_key",
            "id",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index("ix_chaskiq_deliveries_state", "app_id", "state", "id"),
    )


class DeliveryPiece(Table):
    """One message of a delivery, as `fit` cut it at the first attempt."""

    __tablename__ = "chaskiq_delivery_pieces"

    app_id: Mapped[AppId] = mapped_column(BigInteger, primary_key=True)
    delivery_id: Mapped[DeliveryId] = mapped_column(BigInteger, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[DeliveryState]
    payload: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    attempt_id: Mapped[str | None]
    """Random per attempt; a late receipt with the same one may still settle it."""
    deadline: Mapped[datetime | None]
    """Until when the bytes of the current attempt may still be on their way."""
    external_ids: Mapped[list[str]] = mapped_column(JSON_TYPE)
    error: Mapped[JsonObject | None] = mapped_column(JSON_TYPE)
    __table_args__ = (
        ForeignKeyConstraint(["app_id", "delivery_id"], ["chaskiq_deliveries.app_id", "chaskiq_deliveries.id"]),
    )


class Job(TenantTable):
    """Work for later, on the network or at a time."""

    __tablename__ = "chaskiq_jobs"

    kind: Mapped[str]
    key: Mapped[str]
    """Natural key of the work, as (plugin, event, subject): the same key is the same job."""
    lane_key: Mapped[str]
    payload: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    state: Mapped[ItemState]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    correlation_id: Mapped[str | None]
    """Whose work it is, as of a delivery."""
    __table_args__ = (
        UniqueConstraint("app_id", "key"),
        Index(
            "ix_chaskiq_jobs_pending",
            "app_id",
            "lane_key",
            "id",
            sqlite_where=text(IS_PENDING),
            postgresql_where=text(IS_PENDING),
        ),
    )


class Lane(Table):
    """A chat in, a channel out, or a job key: work that must go one after another."""

    __tablename__ = "chaskiq_lanes"

    app_id: Mapped[AppId] = mapped_column(BigInteger, ForeignKey("chaskiq_apps.id"))
    kind: Mapped[LaneKind]
    key: Mapped[str]
    integration_id: Mapped[IntegrationId | None] = mapped_column(BigInteger)
    priority: Mapped[int] = mapped_column(Integer)
    next_due: Mapped[datetime | None]
    """None: idle."""
    wakes: Mapped[int]
    attempts: Mapped[int]
    """Claims since the last release; more than one means that a worker died holding it."""
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    __table_args__ = (
        PrimaryKeyConstraint("app_id", "kind", "key"),
        Index(
            "ix_chaskiq_lanes_due",
            "kind",
            "priority",
            "next_due",
            sqlite_where=text("next_due IS NOT NULL"),
            postgresql_where=text("next_due IS NOT NULL"),
        ),
    )
