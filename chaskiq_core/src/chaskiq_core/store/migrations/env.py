"""Alembic's entry: runs migrations on the connection that `store.migrate` hands over."""

from alembic import context

from chaskiq_core.model import Table
from chaskiq_core.store.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=False,
)
context.run_migrations()
