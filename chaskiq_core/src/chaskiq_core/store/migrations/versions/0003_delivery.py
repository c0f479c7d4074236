"""Deliveries with a priority, and a time until which an unknown one may be settled.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from chaskiq_core.model.table import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN_INDEX = "ix_chaskiq_deliveries_open"
WAS_OPEN = sa.text("state IN ('queued', 'sending') OR stale_since IS NOT NULL")
IS_OPEN = sa.text("state IN ('queued', 'sending') OR stale_since IS NOT NULL OR settle_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("chaskiq_deliveries", sa.Column("priority", sa.Integer(), server_default="100", nullable=False))
    op.add_column("chaskiq_deliveries", sa.Column("settle_by", UtcDateTime(), nullable=True))
    _index_open(WAS_OPEN, IS_OPEN)


def downgrade() -> None:
    _index_open(IS_OPEN, WAS_OPEN)
    op.drop_column("chaskiq_deliveries", "settle_by")
    op.drop_column("chaskiq_deliveries", "priority")


def _index_open(before: sa.TextClause, after: sa.TextClause) -> None:
    op.drop_index(OPEN_INDEX, table_name="chaskiq_deliveries", sqlite_where=before, postgresql_where=before)
    op.create_index(
        OPEN_INDEX, "chaskiq_deliveries", ["app_id", "lane_key", "id"], sqlite_where=after, postgresql_where=after
    )
