"""The rows of an inbound message, through the unit and by hand: 1 and 16 messages a transaction, one after another."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import asyncpg

from bench import postgres_group_commit, sqlite_group_commit
from bench.databases import KINDS, Databases, opened
from bench.measure import Contender, Effort, Line, take_turns
from bench.messages import Message, message_in, set_scene
from bench.postgres_message_rows import write_on_postgres
from bench.sqlite_message_rows import write_on_sqlite
from bench.unit_message_rows import write_messages
from bench.webhooks import WebhookSource
from chaskiq_core.store.ledgers import Arrival
from chaskiq_core.store.store import Acting
from tests.harness.databases import Database

MESSAGES = {1: 112, 16: 640}
"""How many are written in each repeat, by how many go into a transaction."""

Write = Callable[[Sequence[Message]], Awaitable[None]]


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Messages a second."""
    for kind in KINDS:
        database, other = await databases.new(kind), await databases.new(kind)
        async with opened(other) as other_store:
            by_hand = Inbox(other, await set_scene(other_store))
        async with opened(database) as store, writing_by_hand(other) as write_by_hand:
            through_unit = Inbox(database, await set_scene(store))
            write = partial(_write, store.acting(through_unit.source.app_id))
            for size, count in MESSAGES.items():
                contenders = [
                    through_unit.contender("Acting.write", write, size),
                    by_hand.contender("by hand", write_by_hand, size),
                ]
                ours, theirs = await take_turns(contenders, count=effort.of(count), repeats=effort.repeats)
                yield Line(
                    bench="a message's rows",
                    case=f"{size} a transaction",
                    database=kind,
                    subject=ours,
                    baseline=theirs,
                )


class Inbox:
    """Messages that wait in a database's ledger."""

    def __init__(self, database: Database, source: WebhookSource) -> None:
        self.source = source
        self._database = database
        self._waiting: list[Message] = []

    def contender(self, name: str, write: Write, size: int) -> Contender:
        """One that writes what waits, so many a transaction."""
        return Contender(name, work=partial(self._write, write, size), prepare=self._receive)

    async def _receive(self, count: int) -> None:
        arrivals = [self.source.next() for _ in range(count)]
        await _append(self._database, arrivals)
        self._waiting = [message_in(arrival) for arrival in arrivals]

    async def _write(self, write: Write, size: int, count: int) -> None:
        for start in range(0, count, size):
            await write(self._waiting[start : start + size])


async def _write(acting: Acting, messages: Sequence[Message]) -> None:
    await acting.write(write_messages, tuple(messages))


@asynccontextmanager
async def writing_by_hand(database: Database) -> AsyncIterator[Write]:
    """A connection that writes messages in one transaction."""
    if database.kind == "sqlite":
        connection = sqlite_group_commit.connect_durably(database.path)

        async def write(messages: Sequence[Message]) -> None:
            write_on_sqlite(connection, messages)

        yield write
        connection.close()
    else:
        driver = await asyncpg.connect(database.url)
        yield partial(write_on_postgres, driver)
        await driver.close()


async def _append(database: Database, arrivals: Sequence[Arrival]) -> None:
    if database.kind == "sqlite":
        connection = sqlite_group_commit.connect_durably(database.path)
        connection.execute("BEGIN IMMEDIATE")
        sqlite_group_commit.insert_rows(connection, arrivals)
        connection.execute("COMMIT")
        connection.close()
    else:
        driver = await asyncpg.connect(database.url)
        await postgres_group_commit.insert_rows(driver, arrivals)
        await driver.close()
