"""Empty databases for tests: migrating one takes longer than most tests, so it is done once and copied."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from chaskiq_core.store import migrate


@cache
def migrated_sqlite() -> bytes:
    """The file of an empty SQLite database with all tables."""
    with tempfile.TemporaryDirectory(prefix="chaskiq-sqlite-") as folder:
        path = Path(folder) / "template.db"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            migrate.upgrade(connection)
        engine.dispose()
        return path.read_bytes()
