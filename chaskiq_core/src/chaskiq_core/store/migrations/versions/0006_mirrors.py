"""Channels that mirror a conversation for the agents.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = "chaskiq_conversation_channels"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("mirror", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column(TABLE, "mirror")
