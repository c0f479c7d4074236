"""The schema: migrated up, down and up again, and the same as the model says."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect

from chaskiq_core.errors import UnavailableError
from chaskiq_core.model import Table
from chaskiq_core.store import migrate
from chaskiq_core.store.postgres_store import PostgresStore
from tests.harness.databases import Database

pytestmark = pytest.mark.anyio


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"version_table": migrate.VERSION_TABLE, "compare_type": False, "compare_server_default": True}
    )
    return list(compare_metadata(context, Table.metadata))


def tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if name.startswith("chaskiq_")}


def up_down_and_up(connection: Connection) -> None:
    assert differences(connection) == []
    migrate.downgrade(connection, "base")
    assert tables(connection) == {migrate.VERSION_TABLE}
    migrate.upgrade(connection)
    assert differences(connection) == []
    assert migrate.current_version(connection) == migrate.latest_version()


async def test_migrations_go_both_ways_and_match_the_model(database: Database) -> None:
    store = database.store()
    await store.open()
    await store.close()

    if isinstance(store, PostgresStore):
        store = PostgresStore(database.url)
        async with store.engine.begin() as connection:
            await connection.run_sync(up_down_and_up)
        await store.close()
        return
    engine = create_engine(database.url)
    with engine.begin() as sync_connection:
        up_down_and_up(sync_connection)
    engine.dispose()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_an_older_schema_on_postgresql_is_refused_with_what_to_do(database: Database) -> None:
    store = PostgresStore(database.url)
    async with store.engine.begin() as connection:
        await connection.run_sync(migrate.downgrade, "base")

    with pytest.raises(UnavailableError, match="chaskiq db upgrade"):
        await store.open()

    await store.upgrade()
    await store.open()
    await store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_second_server_on_a_sqlite_file_is_refused_and_the_cli_is_not(database: Database) -> None:
    first, second, cli = database.store(), database.store(), database.store(owner=False)
    await first.open()

    with pytest.raises(UnavailableError, match="another server or worker"):
        await second.open()
    await cli.open()

    await cli.close()
    await second.close()
    await first.close()
    await second.open()
    await second.close()
