"""Appends: stored again under the same ids they are one; a broken connection is replaced; a commit is on the disk."""

import itertools
import threading

import anyio
import asyncpg
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from sqlalchemy import text

from chaskiq_core.model import InboundItem, InboundRequest
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, insert_integration
from tests.harness.seam_process import an_arrival
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

SOON_SECONDS = 20
FULL = 2
"""What SQLite calls `synchronous = FULL`."""


def stored(unit: Unit) -> tuple[int, list[str]]:
    """How many requests there are, and the keys of the items."""
    requests = len(unit.all(unit.select(InboundRequest.id)))
    return requests, sorted(unit.all(unit.select(InboundItem.dedupe_key)))


async def test_an_arrival_that_is_stored_again_is_one(store: Store) -> None:
    app_id = await an_app(store)
    acting = store.acting(app_id)
    arrival = an_arrival(store, app_id, await acting.write(insert_integration), "m1", "chat")

    await store.append(arrival)
    await store.append(arrival)

    assert await acting.read(stored) == (1, ["m1"])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_webhook_that_meets_a_broken_connection_is_stored_on_a_new_one(
    store: Store, database: Database
) -> None:
    app_id = await an_app(store)
    acting = store.acting(app_id)
    integration_id = await acting.write(insert_integration)
    await store.append(an_arrival(store, app_id, integration_id, "m1", "chat"))

    await break_connections(database)
    await store.append(an_arrival(store, app_id, integration_id, "m2", "chat"))

    assert await acting.read(stored) == (2, ["m1", "m2"])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_commit_on_sqlite_waits_for_the_disk(store: Store) -> None:
    def synchronous(unit: Unit) -> int:
        return int(str(unit.execute(text("PRAGMA synchronous"))[0][0]))

    assert await store.acting(await an_app(store)).write(synchronous) == FULL


async def break_connections(database: Database) -> None:
    """End every other session of the database, as a restart of the server would; return once they are gone."""
    admin = await asyncpg.connect(database.url)
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    await admin.execute(f"SELECT pg_terminate_backend(pid) {others}")

    async def are_gone() -> bool:
        return bool(await admin.fetchval(f"SELECT count(*) = 0 {others}"))

    await until(are_gone)
    await admin.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_webhook_that_comes_during_an_act_is_stored_before_the_next_act(store: Store) -> None:
    acting = store.acting(app_id := await an_app(store))
    integration_id = await acting.write(insert_integration)
    begun, may_go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def slow(unit: Unit) -> None:
        begun.set()
        assert may_go_on.wait(SOON_SECONDS)

    async def append() -> None:
        await store.append(an_arrival(store, app_id, integration_id, "m1", "chat"))
        order.append("stored")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(acting.write, slow)
        await to_thread.run_sync(begun.wait, SOON_SECONDS)
        tasks.start_soon(acting.write, lambda unit: order.append(f"act, with {stored(unit)[1]} there"))
        tasks.start_soon(append)
        for _ in range(10):
            await checkpoint()
        may_go_on.set()

    assert sorted(order) == ["act, with ['m1'] there", "stored"]


async def test_acts_have_their_turn_while_webhooks_stream_in(store: Store) -> None:
    acting = store.acting(app_id := await an_app(store))
    integration_id = await acting.write(insert_integration)

    async def stream() -> None:
        for number in itertools.count():
            await store.append(an_arrival(store, app_id, integration_id, f"m{number}", "chat"))
            await checkpoint()  # an append that leads its group can't be cancelled

    with anyio.fail_after(SOON_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stream)
            tasks.start_soon(stream)
            for _ in range(20):
                await acting.write(stored)
            tasks.cancel_scope.cancel()
