"""Installed channels, and the log of the calls to their providers. Written by the room `integrations`."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chaskiq_core.model.ids import AgentId, IntegrationId
from chaskiq_core.model.table import JSON_TYPE, JsonObject, TenantTable


class IntegrationState(enum.StrEnum):
    """Whether an integration takes and sends messages."""

    INSTALLING = "installing"
    ACTIVE = "active"
    PAUSED = "paused"
    BROKEN = "broken"


class OnUnknown(enum.StrEnum):
    """What happens to a delivery of which nobody can say whether it left."""

    FLAG = "flag"
    RESEND = "resend"


class Integration(TenantTable):
    """One installation of a channel plugin in one App."""

    __tablename__ = "chaskiq_integrations"

    key: Mapped[str]
    """Random; the id that leaves the house."""
    provider: Mapped[str]
    name: Mapped[str]
    state: Mapped[IntegrationState]
    state_reason: Mapped[str | None]
    account: Mapped[str]
    """The provider's account id, the scope of its message ids; until known, our own key."""
    settings: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    secrets: Mapped[str]
    """The secret settings and the hook token, encrypted."""
    hook_token_hash: Mapped[str] = mapped_column(unique=True)
    agent_id: Mapped[AgentId | None] = mapped_column(BigInteger)
    """Who is the author of what the business side writes in the provider's own app."""
    on_unknown: Mapped[OnUnknown]
    plugin_state: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(BigInteger)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once
    __table_args__ = (
        UniqueConstraint("app_id", "key"),
        # Two integrations of one account would steal each other's webhook.
        UniqueConstraint("app_id", "provider", "account"),
        ForeignKeyConstraint(["app_id", "agent_id"], ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"]),
    )


FAILED_CALL = "outcome <> 'ok'"


class ProviderCall(TenantTable):
    """A network hook that was called, without secrets, kept for `retention_days`; its integration may be gone."""

    __tablename__ = "chaskiq_provider_calls"

    integration_id: Mapped[IntegrationId] = mapped_column(BigInteger)
    hook: Mapped[str]
    outcome: Mapped[str]
    """ok, or what kind of error."""
    code: Mapped[str]
    error: Mapped[str]
    correlation_id: Mapped[str | None]
    """Whose work it was, as of a delivery."""
    started_at: Mapped[datetime]
    duration_ms: Mapped[int]
    http: Mapped[list[JsonObject]] = mapped_column(JSON_TYPE)
    """[{method, url, status, duration_ms, request, response, error}], in their order"""
    __table_args__ = (
        Index("ix_chaskiq_provider_calls_integration", "app_id", "integration_id", "id"),
        Index(
            "ix_chaskiq_provider_calls_failed",
            "app_id",
            "integration_id",
            "id",
            sqlite_where=text(FAILED_CALL),
            postgresql_where=text(FAILED_CALL),
        ),
        # What is too old is found without a look at what is not.
        Index("ix_chaskiq_provider_calls_started_at", "started_at"),
    )
