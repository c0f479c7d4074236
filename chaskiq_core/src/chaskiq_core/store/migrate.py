"""The schema's version: bring it up, take it down, say where it stands. Alembic's table is ours by name, too."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from chaskiq_core.store.unit import HouseUnit

VERSION_TABLE = "chaskiq_alembic_version"
READ_VERSION = text(f"/* house */ SELECT version_num FROM {VERSION_TABLE}")


def latest_version() -> str:
    """The schema that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current_version(connection: Connection) -> str | None:
    """The schema that the database has; None: none."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def read_version(house: HouseUnit) -> str | None:
    """The same, for who asks while others work."""
    found = house.execute(READ_VERSION)
    version: str | None = found[0].version_num if found else None
    return version


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
