"""The schema's version: bring it up, take it down, say where it stands. Alembic's table is ours by name, too."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSION_TABLE = "chaskiq_alembic_version"


def latest_version() -> str:
    """The schema that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current_version(connection: Connection) -> str | None:
    """The schema that the database has; None: none."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the schema up, inside the open transaction."""
    command.upgrade(_config(connection), version)


def downgrade(connection: Connection, version: str) -> None:
    """Take the schema down, inside the open transaction."""
    command.downgrade(_config(connection), version)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
