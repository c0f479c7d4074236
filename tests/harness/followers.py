"""Processes that follow the changes of one database, played by relays of their own stores in this one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chaskiq_core.model.ids import AppId
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.sqlite_store import SqliteStore
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Committed, Unit
from chaskiq_core.work.postgres_relay import PostgresRelay
from chaskiq_core.work.relay import Relay
from chaskiq_core.work.sqlite_relay import SqliteRelay
from tests.harness.databases import Database
from tests.harness.wait import until


@dataclass(slots=True, kw_only=True)
class Follower:
    """A process, and the words that its listener heard."""

    store: Store
    relay: Relay
    heard: list[str] = field(default_factory=list)

    async def say(self, app_id: AppId, word: str) -> None:
        """Commit a change here."""
        await self.store.acting(app_id).write(publish, word)

    async def hears(self, *words: str, seconds: float = 10) -> None:
        """Wait until all were heard, in any order; more are an error of the test to find."""

        async def all_are_there() -> bool:
            return set(words) <= set(self.heard)

        await until(all_are_there, seconds=seconds)

    def hear(self, change: Published) -> None:
        """Note what was said."""
        self.heard.append(str(change.payload["word"]))


def publish(unit: Unit, word: str) -> None:
    """An act that says a word on the stream of events."""
    unit.publish("events", audience="agents", payload={"word": word})


@asynccontextmanager
async def following(
    database: Database, app_id: AppId | None = None, *, redis_url: str | None = None, owner: bool = True
) -> AsyncIterator[Follower]:
    """A process on the database; with an App, it listens to its events."""
    store, bus = database.store(owner=owner), MemoryBus()
    relay: Relay
    if isinstance(store, SqliteStore):
        relay = SqliteRelay(store, bus)
        loop = asyncio.get_running_loop()

        def look() -> None:
            loop.call_soon_threadsafe(relay.look_again)

        store.on_foreign_change = look
    else:
        relay = PostgresRelay(store, bus, redis_url, listens=True)

    def committed(committed: Committed) -> None:
        relay.committed(committed.published)

    store.on_commit = committed
    follower = Follower(store=store, relay=relay)
    if app_id is not None:
        bus.attach(app_id, "events", follower.hear)
    await store.open()
    try:
        async with relay.running():
            yield follower
    finally:
        await store.close()
