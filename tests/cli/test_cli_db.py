"""`chaskiq db upgrade`, and what the other commands do with a schema that is not there yet."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from chaskiq_core.store import migrate
from chaskiq_core.store.postgres_store import PostgresStore
from tests.harness.command_line import chaskiq, set_environment
from tests.harness.databases import Database, drop_postgres, new_postgres


@pytest.fixture
def empty_postgres(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    """Commands run on a PostgreSQL database without our tables."""
    database = new_postgres()
    anyio.run(_take_down, database)
    set_environment(monkeypatch, tmp_path, database)
    yield database
    drop_postgres(database)


@pytest.mark.parametrize(
    "line", ["apps list", "serve --port 0", "integrations add telegram --app x --set a=b", "doctor"]
)
def test_an_older_postgresql_schema_is_refused_with_what_to_do(line: str, empty_postgres: Database) -> None:
    ended = chaskiq(*line.split())

    said = ended.stdout + ended.stderr
    assert ended.code == 1
    assert "the PostgreSQL schema is at nothing, this version needs " in said
    assert "run `chaskiq db upgrade`" in said


def test_upgrade_brings_it_up_and_may_be_repeated(empty_postgres: Database) -> None:
    first, again = (chaskiq("db", "upgrade").document for _ in range(2))

    assert first == again == {"database": "postgresql", "version": migrate.latest_version()}
    assert chaskiq("apps", "list").listed == []


def test_on_sqlite_every_command_brings_it_up(on_sqlite: Path) -> None:
    assert chaskiq("apps", "list").listed == []
    assert chaskiq("db", "upgrade").document == {"database": "sqlite", "version": migrate.latest_version()}


async def _take_down(database: Database) -> None:
    store = database.store()
    assert isinstance(store, PostgresStore)
    async with store.engine.begin() as connection:
        await connection.run_sync(migrate.downgrade, "base")
    await store.close()
