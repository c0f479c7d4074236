"""A second empty database of the same kind, for tests that compare two."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.databases import Database, drop_postgres, new_postgres, new_sqlite


@contextmanager
def fresh_database(like: Database) -> Iterator[Database]:
    """Another one like it, gone at the end."""
    if like.kind == "postgres":
        made = new_postgres()
        yield made
        drop_postgres(made)
        return
    with TemporaryDirectory() as folder:
        yield new_sqlite(Path(folder))
