"""Apps, agents, their roles and tokens. Written by the room `staff`."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chaskiq_core.model.ids import AgentId, AppId, AppKey
from chaskiq_core.model.table import JSON_TYPE, JsonObject, Table


class RoleName(enum.StrEnum):
    """What an agent may do in one App; each includes the one after it, `bot` stands alone."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    BOT = "bot"


class App(Table):
    """A tenant: a company with its contacts, conversations and integrations."""

    __tablename__ = "chaskiq_apps"

    id: Mapped[AppId] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[AppKey] = mapped_column(unique=True)
    name: Mapped[str]
    settings: Mapped[JsonObject] = mapped_column(JSON_TYPE)
    version: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once


class Agent(Table):
    """A person (or the bot) who answers, known by e-mail over all Apps."""

    __tablename__ = "chaskiq_agents"

    id: Mapped[AgentId] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    bot: Mapped[bool]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Role(Table):
    """An agent's membership in one App."""

    __tablename__ = "chaskiq_roles"

    app_id: Mapped[AppId] = mapped_column(BigInteger, ForeignKey("chaskiq_apps.id"), primary_key=True)
    agent_id: Mapped[AgentId] = mapped_column(BigInteger, ForeignKey("chaskiq_agents.id"), primary_key=True)
    name: Mapped[RoleName]
    created_at: Mapped[datetime]


class Token(Table):
    """A bearer token of one agent in one App; only its hash is kept."""

    __tablename__ = "chaskiq_tokens"

    app_id: Mapped[AppId] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    agent_id: Mapped[AgentId] = mapped_column(BigInteger)
    token_hash: Mapped[str]
    hint: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("token_hash"),
        ForeignKeyConstraint(["app_id", "agent_id"], ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"]),
    )
