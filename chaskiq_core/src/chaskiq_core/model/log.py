"""The event log, the audit log and the realtime changes. Written by `log` and by the unit."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from chaskiq_core.model.ids import AppId
from chaskiq_core.model.table import JSON_TYPE, JsonObject, Table, TenantTable


class Event(TenantTable):
    """Something that happened to a conversation or a contact; append only."""

    __tablename__ = "chaskiq_events"

    name: Mapped[str]
    subject_type: Mapped[str]
    subject_key: Mapped[str]
    properties: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_chaskiq_events_subject", "app_id", "subject_type", "subject_key"),)


class Audit(TenantTable):
    """Who did what through which door; append only."""

    __tablename__ = "chaskiq_audits"

    act: Mapped[str]
    actor: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime]


class Change(Table):
    """A message for one stream, written in the transaction that caused it; kept ten minutes."""

    __tablename__ = "chaskiq_changes"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    app_id: Mapped[AppId] = mapped_column(BigInteger, ForeignKey("chaskiq_apps.id"))
    stream: Mapped[str]
    audience: Mapped[str]
    """Who may see it: `agents` or `contact`; a stream has one."""
    payload: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    xid: Mapped[int]
    """The writing transaction on PostgreSQL, where ids commit out of order; 0 on SQLite."""
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_chaskiq_changes_stream", "app_id", "stream", "xid", "id"),
        Index("ix_chaskiq_changes_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )


class Meta(Table):
    """Facts about this database: its epoch, the next node number."""

    __tablename__ = "chaskiq_meta"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    text: Mapped[str]
