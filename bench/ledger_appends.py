"""Webhooks into the ledger: `Store.append` beside a group commit written by hand, for many clients at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg

from bench import postgres_group_commit, sqlite_group_commit
from bench.clients import ask
from bench.databases import KINDS, Databases, opened
from bench.measure import Contender, Effort, Line, take_turns
from bench.webhooks import WebhookSource, install_source
from chaskiq_core.store.ledgers import Arrival
from tests.harness.databases import Database

CLIENTS = (8, 64)
APPENDS = {"sqlite": 8_000, "postgres": 5_000}
GOAL = 0.70

Append = Callable[[Arrival], Awaitable[None]]


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Appends a second."""
    for kind in KINDS:
        ours, by_hand = await databases.new(kind), await databases.new(kind)
        async with opened(ours) as store:
            source = await install_source(store)
            async with opened(by_hand) as other:
                other_source = await install_source(other)
            async with _group_commit(by_hand) as append:
                for clients in CLIENTS:
                    contenders = [
                        Contender("Store.append", partial(_append, store.append, source, clients)),
                        Contender("group commit by hand", partial(_append, append, other_source, clients)),
                    ]
                    rates = await take_turns(contenders, count=effort.of(APPENDS[kind]), repeats=effort.repeats)
                    yield Line(
                        bench="ledger appends",
                        case=f"{clients} clients",
                        database=kind,
                        subject=rates[0],
                        baseline=rates[1],
                        goal=GOAL,
                    )


async def _append(append: Append, source: WebhookSource, clients: int, count: int) -> None:
    async def once(client: int, number: int) -> None:
        await append(source.next())

    await ask(once, clients=clients, count=count)


@asynccontextmanager
async def _group_commit(database: Database) -> AsyncIterator[Append]:
    group = (
        sqlite_group_commit.SqliteGroupCommit(database.path, sqlite_group_commit.insert_rows)
        if database.kind == "sqlite"
        else postgres_group_commit.PostgresGroupCommit(
            await asyncpg.connect(database.url), postgres_group_commit.insert_rows
        )
    )
    try:
        yield group.append
    finally:
        await group.close()
