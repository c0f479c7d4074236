"""The foundation: Apps, people, conversations, integrations, ledgers, lanes, logs.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from chaskiq_core.model.table import JSON_TYPE, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chaskiq_agents",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chaskiq_agents")),
        sa.UniqueConstraint("email", name=op.f("uq_chaskiq_agents_email")),
    )
    op.create_table(
        "chaskiq_apps",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", JSON_TYPE, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chaskiq_apps")),
        sa.UniqueConstraint("key", name=op.f("uq_chaskiq_apps_key")),
    )
    op.create_table(
        "chaskiq_meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chaskiq_meta")),
    )
    op.create_table(
        "chaskiq_app_users",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("properties", JSON_TYPE, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("subscription_state", sa.String(32), nullable=False),
        sa.Column("unread_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_heard_from_at", UtcDateTime(), nullable=True),
        sa.Column("last_contacted_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_app_users_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_app_users")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_app_users_app_id_key")),
        sa.UniqueConstraint("app_id", "session_id", name=op.f("uq_chaskiq_app_users_app_id_session_id")),
    )
    op.create_index("ix_chaskiq_app_users_email", "chaskiq_app_users", ["app_id", "email"], unique=False)
    op.create_table(
        "chaskiq_audits",
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_audits_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_audits")),
    )
    op.create_table(
        "chaskiq_changes",
        sa.Column("id", BIG_SERIAL, autoincrement=True, nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("payload", JSON_TYPE, nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_changes_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chaskiq_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chaskiq_changes_created_at", "chaskiq_changes", ["created_at"], unique=False)
    op.create_index("ix_chaskiq_changes_stream", "chaskiq_changes", ["app_id", "stream", "xid", "id"], unique=False)
    op.create_table(
        "chaskiq_events",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("properties", JSON_TYPE, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_events_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_events")),
    )
    op.create_index(
        "ix_chaskiq_events_subject", "chaskiq_events", ["app_id", "subject_type", "subject_key"], unique=False
    )
    op.create_table(
        "chaskiq_inbound_requests",
        sa.Column("integration_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("headers", JSON_TYPE, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_inbound_requests_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_inbound_requests")),
    )
    op.create_table(
        "chaskiq_jobs",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("lane_key", sa.Text(), nullable=False),
        sa.Column("payload", JSON_TYPE, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_jobs_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_jobs")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_jobs_app_id_key")),
    )
    op.create_index(
        "ix_chaskiq_jobs_pending",
        "chaskiq_jobs",
        ["app_id", "lane_key", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "chaskiq_lanes",
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("integration_id", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("wakes", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_lanes_app_id")),
        sa.PrimaryKeyConstraint("app_id", "kind", "key", name=op.f("pk_chaskiq_lanes")),
    )
    op.create_index(
        "ix_chaskiq_lanes_due",
        "chaskiq_lanes",
        ["kind", "priority", "next_due"],
        unique=False,
        sqlite_where=sa.text("next_due IS NOT NULL"),
        postgresql_where=sa.text("next_due IS NOT NULL"),
    )
    op.create_table(
        "chaskiq_roles",
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["chaskiq_agents.id"], name=op.f("fk_chaskiq_roles_agent_id")),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_roles_app_id")),
        sa.PrimaryKeyConstraint("app_id", "agent_id", name=op.f("pk_chaskiq_roles")),
    )
    op.create_table(
        "chaskiq_segments",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("predicates", JSON_TYPE, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_segments_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_segments")),
    )
    op.create_table(
        "chaskiq_conversations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("priority", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("tags", JSON_TYPE, nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("main_participant_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("unread_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("first_agent_reply_at", UtcDateTime(), nullable=True),
        sa.Column("latest_user_visible_comment_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "assignee_id"],
            ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"],
            name=op.f("fk_chaskiq_conversations_app_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "main_participant_id"],
            ["chaskiq_app_users.app_id", "chaskiq_app_users.id"],
            name=op.f("fk_chaskiq_conversations_app_id_main_participant_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_conversations_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_conversations")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_conversations_app_id_key")),
    )
    op.create_index(
        "ix_chaskiq_conversations_main_participant_id",
        "chaskiq_conversations",
        ["app_id", "main_participant_id"],
        unique=False,
    )
    op.create_index(
        "ix_chaskiq_conversations_updated_at", "chaskiq_conversations", ["app_id", "updated_at", "id"], unique=False
    )
    op.create_table(
        "chaskiq_external_profiles",
        sa.Column("app_user_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("data", JSON_TYPE, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "app_user_id"],
            ["chaskiq_app_users.app_id", "chaskiq_app_users.id"],
            name=op.f("fk_chaskiq_external_profiles_app_id_app_user_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_external_profiles_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_external_profiles")),
    )
    op.create_index(
        "ix_chaskiq_external_profiles_app_user_id", "chaskiq_external_profiles", ["app_id", "app_user_id"], unique=False
    )
    op.create_table(
        "chaskiq_inbound_items",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("integration_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("lane_key", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("historical", sa.Boolean(), nullable=False),
        sa.Column("processed_at", UtcDateTime(), nullable=True),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "request_id"],
            ["chaskiq_inbound_requests.app_id", "chaskiq_inbound_requests.id"],
            name=op.f("fk_chaskiq_inbound_items_app_id_request_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_inbound_items_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_inbound_items")),
        sa.UniqueConstraint(
            "app_id", "account", "dedupe_key", name=op.f("uq_chaskiq_inbound_items_app_id_account_dedupe_key")
        ),
    )
    op.create_index(
        "ix_chaskiq_inbound_items_failed",
        "chaskiq_inbound_items",
        ["app_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_chaskiq_inbound_items_pending",
        "chaskiq_inbound_items",
        ["app_id", "lane_key", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "chaskiq_integrations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("settings", JSON_TYPE, nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("hook_token_hash", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("on_unknown", sa.String(32), nullable=False),
        sa.Column("plugin_state", JSON_TYPE, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "agent_id"],
            ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"],
            name=op.f("fk_chaskiq_integrations_app_id_agent_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_integrations_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_integrations")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_integrations_app_id_key")),
        sa.UniqueConstraint(
            "app_id", "provider", "account", name=op.f("uq_chaskiq_integrations_app_id_provider_account")
        ),
        sa.UniqueConstraint("hook_token_hash", name=op.f("uq_chaskiq_integrations_hook_token_hash")),
    )
    op.create_table(
        "chaskiq_tokens",
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["app_id", "agent_id"],
            ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"],
            name=op.f("fk_chaskiq_tokens_app_id_agent_id"),
        ),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_chaskiq_tokens_token_hash")),
    )
    op.create_table(
        "chaskiq_conversation_channels",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("integration_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "conversation_id"],
            ["chaskiq_conversations.app_id", "chaskiq_conversations.id"],
            name=op.f("fk_chaskiq_conversation_channels_app_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "integration_id"],
            ["chaskiq_integrations.app_id", "chaskiq_integrations.id"],
            name=op.f("fk_chaskiq_conversation_channels_app_id_integration_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_conversation_channels_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_conversation_channels")),
    )
    op.create_index(
        "ix_chaskiq_conversation_channels_conversation_id",
        "chaskiq_conversation_channels",
        ["app_id", "conversation_id"],
        unique=False,
    )
    op.create_index(
        "uq_chaskiq_conversation_channels_current",
        "chaskiq_conversation_channels",
        ["app_id", "integration_id", "channel_id", "thread_id"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "chaskiq_conversation_parts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("app_user_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("content", JSON_TYPE, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("event_action", sa.Text(), nullable=True),
        sa.Column("event_data", JSON_TYPE, nullable=True),
        sa.Column("block", JSON_TYPE, nullable=True),
        sa.Column("private_note", sa.Boolean(), nullable=False),
        sa.Column("unsupported", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("reply_to_id", sa.BigInteger(), nullable=True),
        sa.Column("details", JSON_TYPE, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("provider_sent_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "agent_id"],
            ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"],
            name=op.f("fk_chaskiq_conversation_parts_app_id_agent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "app_user_id"],
            ["chaskiq_app_users.app_id", "chaskiq_app_users.id"],
            name=op.f("fk_chaskiq_conversation_parts_app_id_app_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "conversation_id"],
            ["chaskiq_conversations.app_id", "chaskiq_conversations.id"],
            name=op.f("fk_chaskiq_conversation_parts_app_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "reply_to_id"],
            ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"],
            name=op.f("fk_chaskiq_conversation_parts_app_id_reply_to_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_conversation_parts_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_conversation_parts")),
        sa.UniqueConstraint(
            "app_id",
            "conversation_id",
            "client_id",
            name=op.f("uq_chaskiq_conversation_parts_app_id_conversation_id_client_id"),
        ),
        sa.UniqueConstraint(
            "app_id", "conversation_id", "seq", name=op.f("uq_chaskiq_conversation_parts_app_id_conversation_id_seq")
        ),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_conversation_parts_app_id_key")),
    )
    op.create_table(
        "chaskiq_participants",
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("app_user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "app_user_id"],
            ["chaskiq_app_users.app_id", "chaskiq_app_users.id"],
            name=op.f("fk_chaskiq_participants_app_id_app_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "conversation_id"],
            ["chaskiq_conversations.app_id", "chaskiq_conversations.id"],
            name=op.f("fk_chaskiq_participants_app_id_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("app_id", "conversation_id", "app_user_id", name=op.f("pk_chaskiq_participants")),
    )
    op.create_table(
        "chaskiq_profile_aliases",
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "profile_id"],
            ["chaskiq_external_profiles.app_id", "chaskiq_external_profiles.id"],
            name=op.f("fk_chaskiq_profile_aliases_app_id_profile_id"),
        ),
        sa.PrimaryKeyConstraint("app_id", "provider", "scope", "alias", name=op.f("pk_chaskiq_profile_aliases")),
    )
    op.create_index(
        "ix_chaskiq_profile_aliases_profile_id", "chaskiq_profile_aliases", ["app_id", "profile_id"], unique=False
    )
    op.create_table(
        "chaskiq_deliveries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("integration_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("lane_key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", JSON_TYPE, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "channel_id"],
            ["chaskiq_conversation_channels.app_id", "chaskiq_conversation_channels.id"],
            name=op.f("fk_chaskiq_deliveries_app_id_channel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "conversation_id"],
            ["chaskiq_conversations.app_id", "chaskiq_conversations.id"],
            name=op.f("fk_chaskiq_deliveries_app_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "integration_id"],
            ["chaskiq_integrations.app_id", "chaskiq_integrations.id"],
            name=op.f("fk_chaskiq_deliveries_app_id_integration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "part_id"],
            ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"],
            name=op.f("fk_chaskiq_deliveries_app_id_part_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_deliveries_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_deliveries")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_deliveries_app_id_key")),
        sa.UniqueConstraint(
            "app_id", "part_id", "channel_id", name=op.f("uq_chaskiq_deliveries_app_id_part_id_channel_id")
        ),
    )
    op.create_index(
        "ix_chaskiq_deliveries_open",
        "chaskiq_deliveries",
        ["app_id", "lane_key", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_chaskiq_deliveries_state", "chaskiq_deliveries", ["app_id", "state", "id"], unique=False)
    op.create_table(
        "chaskiq_part_sources",
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("integration_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_id", "integration_id"],
            ["chaskiq_integrations.app_id", "chaskiq_integrations.id"],
            name=op.f("fk_chaskiq_part_sources_app_id_integration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "part_id"],
            ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"],
            name=op.f("fk_chaskiq_part_sources_app_id_part_id"),
        ),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_part_sources_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_part_sources")),
        sa.UniqueConstraint(
            "app_id", "account", "message_key", name=op.f("uq_chaskiq_part_sources_app_id_account_message_key")
        ),
    )
    op.create_index("ix_chaskiq_part_sources_part_id", "chaskiq_part_sources", ["app_id", "part_id"], unique=False)
    op.create_table(
        "chaskiq_delivery_pieces",
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("payload", JSON_TYPE, nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("external_ids", JSON_TYPE, nullable=False),
        sa.Column("error", JSON_TYPE, nullable=True),
        sa.ForeignKeyConstraint(
            ["app_id", "delivery_id"],
            ["chaskiq_deliveries.app_id", "chaskiq_deliveries.id"],
            name=op.f("fk_chaskiq_delivery_pieces_app_id_delivery_id"),
        ),
        sa.PrimaryKeyConstraint("app_id", "delivery_id", "n", name=op.f("pk_chaskiq_delivery_pieces")),
    )


def downgrade() -> None:
    op.drop_table("chaskiq_delivery_pieces")
    op.drop_index("ix_chaskiq_part_sources_part_id", table_name="chaskiq_part_sources")
    op.drop_table("chaskiq_part_sources")
    op.drop_index("ix_chaskiq_deliveries_state", table_name="chaskiq_deliveries")
    op.drop_index(
        "ix_chaskiq_deliveries_open",
        table_name="chaskiq_deliveries",
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_table("chaskiq_deliveries")
    op.drop_index("ix_chaskiq_profile_aliases_profile_id", table_name="chaskiq_profile_aliases")
    op.drop_table("chaskiq_profile_aliases")
    op.drop_table("chaskiq_participants")
    op.drop_table("chaskiq_conversation_parts")
    op.drop_index(
        "uq_chaskiq_conversation_channels_current",
        table_name="chaskiq_conversation_channels",
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.drop_index("ix_chaskiq_conversation_channels_conversation_id", table_name="chaskiq_conversation_channels")
    op.drop_table("chaskiq_conversation_channels")
    op.drop_table("chaskiq_tokens")
    op.drop_table("chaskiq_integrations")
    op.drop_index(
        "ix_chaskiq_inbound_items_pending",
        table_name="chaskiq_inbound_items",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(
        "ix_chaskiq_inbound_items_failed",
        table_name="chaskiq_inbound_items",
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.drop_table("chaskiq_inbound_items")
    op.drop_index("ix_chaskiq_external_profiles_app_user_id", table_name="chaskiq_external_profiles")
    op.drop_table("chaskiq_external_profiles")
    op.drop_index("ix_chaskiq_conversations_updated_at", table_name="chaskiq_conversations")
    op.drop_index("ix_chaskiq_conversations_main_participant_id", table_name="chaskiq_conversations")
    op.drop_table("chaskiq_conversations")
    op.drop_table("chaskiq_segments")
    op.drop_table("chaskiq_roles")
    op.drop_index(
        "ix_chaskiq_lanes_due",
        table_name="chaskiq_lanes",
        sqlite_where=sa.text("next_due IS NOT NULL"),
        postgresql_where=sa.text("next_due IS NOT NULL"),
    )
    op.drop_table("chaskiq_lanes")
    op.drop_index(
        "ix_chaskiq_jobs_pending",
        table_name="chaskiq_jobs",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("chaskiq_jobs")
    op.drop_table("chaskiq_inbound_requests")
    op.drop_index("ix_chaskiq_events_subject", table_name="chaskiq_events")
    op.drop_table("chaskiq_events")
    op.drop_index("ix_chaskiq_changes_stream", table_name="chaskiq_changes")
    op.drop_index("ix_chaskiq_changes_created_at", table_name="chaskiq_changes")
    op.drop_table("chaskiq_changes")
    op.drop_table("chaskiq_audits")
    op.drop_index("ix_chaskiq_app_users_email", table_name="chaskiq_app_users")
    op.drop_table("chaskiq_app_users")
    op.drop_table("chaskiq_meta")
    op.drop_table("chaskiq_apps")
    op.drop_table("chaskiq_agents")
