"""The ids by which messages of a thread name each other.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = "chaskiq_thread_aliases"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["app_id", "conversation_id"],
            ["chaskiq_conversations.app_id", "chaskiq_conversations.id"],
            name=op.f("fk_chaskiq_thread_aliases_app_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["app_id", "part_id"],
            ["chaskiq_conversation_parts.app_id", "chaskiq_conversation_parts.id"],
            name=op.f("fk_chaskiq_thread_aliases_app_id_part_id"),
        ),
        sa.PrimaryKeyConstraint("app_id", "account", "alias", name=op.f("pk_chaskiq_thread_aliases")),
    )
    op.create_index("ix_chaskiq_thread_aliases_conversation_id", TABLE, ["app_id", "conversation_id"])


def downgrade() -> None:
    op.drop_index("ix_chaskiq_thread_aliases_conversation_id", table_name=TABLE)
    op.drop_table(TABLE)
