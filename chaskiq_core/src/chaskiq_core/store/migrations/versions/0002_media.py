"""Media, and deliveries whose part changed after they left.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from chaskiq_core.model.table import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN_INDEX = "ix_chaskiq_deliveries_open"
WAS_OPEN = sa.text("state IN ('queued', 'sending')")
IS_OPEN = sa.text("state IN ('queued', 'sending') OR stale_since IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "chaskiq_media",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["chaskiq_apps.id"], name=op.f("fk_chaskiq_media_app_id")),
        sa.ForeignKeyConstraint(
            ["app_id", "agent_id"],
            ["chaskiq_roles.app_id", "chaskiq_roles.agent_id"],
            name=op.f("fk_chaskiq_media_app_id_agent_id"),
        ),
        sa.PrimaryKeyConstraint("app_id", "id", name=op.f("pk_chaskiq_media")),
        sa.UniqueConstraint("app_id", "key", name=op.f("uq_chaskiq_media_app_id_key")),
    )
    op.add_column("chaskiq_deliveries", sa.Column("stale_since", UtcDateTime(), nullable=True))
    _index_open(WAS_OPEN, IS_OPEN)


def downgrade() -> None:
    _index_open(IS_OPEN, WAS_OPEN)
    op.drop_column("chaskiq_deliveries", "stale_since")
    op.drop_table("chaskiq_media")


def _index_open(before: sa.TextClause, after: sa.TextClause) -> None:
    op.drop_index(OPEN_INDEX, table_name="chaskiq_deliveries", sqlite_where=before, postgresql_where=before)
    op.create_index(
        OPEN_INDEX, "chaskiq_deliveries", ["app_id", "lane_key", "id"], sqlite_where=after, postgresql_where=after
    )
