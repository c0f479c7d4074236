"""When the contact last wrote in a chat: some providers take free texts for a while after that only.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from chaskiq_core.model.table import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "chaskiq_conversation_channels"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("last_inbound_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column(TABLE, "last_inbound_at")
