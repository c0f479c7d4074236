"""Contacts and who they are elsewhere. Written by the room `people`."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chaskiq_core.model.ids import AppId, AppUserId
from chaskiq_core.model.table import JSON_TYPE, JsonObject, Table, TenantTable


class PersonKind(enum.StrEnum):
    """How well a contact is known: seen, wrote once, or identified."""

    VISITOR = "visitor"
    LEAD = "lead"
    USER = "user"


class SubscriptionState(enum.StrEnum):
    """Whether a contact may be written to on our own account."""

    PASSIVE = "passive"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    ARCHIVED = "archived"
    BLOCKED = "blocked"


class AppUser(TenantTable):
    """A contact of one App."""

    __tablename__ = "chaskiq_app_users"

    key: Mapped[str]
    kind: Mapped[PersonKind]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    properties: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    session_id: Mapped[str]
    subscription_state: Mapped[SubscriptionState]
    unread_count: Mapped[int]
    created_at: Mapped[datetime]
    last_heard_from_at: Mapped[datetime | None]
    last_contacted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(BigInteger)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once
    __table_args__ = (
        UniqueConstraint("app_id", "key"),
        UniqueConstraint("app_id", "session_id"),
        Index("ix_chaskiq_app_users_email", "app_id", "email"),
    )


class ExternalProfile(TenantTable):
    """Who a contact is at one provider, within one scope (the provider's account, or '')."""

    __tablename__ = "chaskiq_external_profiles"

    app_user_id: Mapped[AppUserId] = mapped_column(BigInteger)
    provider: Mapped[str]
    scope: Mapped[str]
    data: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    created_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["app_id", "app_user_id"], ["chaskiq_app_users.app_id", "chaskiq_app_users.id"]),
        Index("ix_chaskiq_external_profiles_app_user_id", "app_id", "app_user_id"),
    )


class Segment(TenantTable):
    """A saved question about contacts."""

    __tablename__ = "chaskiq_segments"

    name: Mapped[str]
    predicates: Mapped[list[JsonObject]] = mapped_column(JSON_TYPE)
    created_at: Mapped[datetime]


class ProfileAlias(Table):
    """One of the ids under which a provider names a profile: a profile has a set of them, never an empty one."""

    __tablename__ = "chaskiq_profile_aliases"

    # Invariant 2: two first messages of one stranger race to this key, and one person comes out.
    app_id: Mapped[AppId] = mapped_column(BigInteger, primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
    profile_id: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["app_id", "profile_id"], ["chaskiq_external_profiles.app_id", "chaskiq_external_profiles.id"]
        ),
        Index("ix_chaskiq_profile_aliases_profile_id", "app_id", "profile_id"),
    )
