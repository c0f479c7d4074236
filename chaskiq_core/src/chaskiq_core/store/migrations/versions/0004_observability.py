"""The log of provider calls, and whose work a job or a delivery is.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from chaskiq_core.model.table import JSON_TYPE, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "chaskiq_provider_calls"
CARRIERS = ("chaskiq_jobs", "chaskiq_deliveries")
FAILED = sa.text("outcome <> 'ok'")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("integration_id", sa.BigInteger(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("http", JSON_TYPE, nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_provider_calls_app_id")),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_provider_calls")),
    )
    columns = ["app_id", "integration_id", "id"]
    op.create_index("ix_chaskiq_provider_calls_integration", TABLE, columns)
    op.create_index("ix_chaskiq_provider_calls_failed", TABLE, columns, sqlite_where=FAILED, postgresql_where=FAILED)
    op.create_index("ix_chaskiq_provider_calls_started_at", TABLE, ["started_at"])
    for table in CARRIERS:
        op.add_column(table, sa.Column("correlation_id", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in CARRIERS:
        op.drop_column(table, "correlation_id")
    op.drop_table(TABLE)
