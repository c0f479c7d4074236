"""Looks at a ledger from beside the house: how many items of it are in a state."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

from chaskiq_core.model import ItemState
from tests.harness.databases import Database

Count = Callable[[ItemState], Awaitable[int]]


@asynccontextmanager
async def counting_items(database: Database) -> AsyncIterator[Count]:
    """A connection that counts."""
    if database.kind == "sqlite":
        connection = sqlite3.connect(database.path, isolation_level=None)

        async def count(state: ItemState) -> int:
            return int(connection.execute(_counting(state)).fetchone()[0])

        yield count
        connection.close()
    else:
        driver = await asyncpg.connect(database.url)

        async def count(state: ItemState) -> int:
            return int(await driver.fetchval(_counting(state)))

        yield count
        await driver.close()


def _counting(state: ItemState) -> str:
    # No parameter: of the pending ones there is a partial index.
    return f"SELECT count(*) FROM chaskiq_inbound_items WHERE state = '{state.value}'"
