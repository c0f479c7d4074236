"""Invariant 1: a webhook that was answered 2xx is never lost, whatever is killed and when."""

import random
from dataclasses import replace

import anyio
import pytest

from chaskiq_core.errors import UnavailableError
from chaskiq_core.model import InboundItem
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, insert_integration
from tests.harness.processes import a_process
from tests.harness.seam_process import an_arrival

pytestmark = pytest.mark.anyio

UNSTORABLE = "key-\ud800"
"""A lone surrogate has no UTF-8: no database takes it."""


async def prepare(database: Database) -> tuple[AppId, IntegrationId]:
    store = database.store()
    await store.open()
    app_id = await an_app(store)
    integration_id = await store.acting(app_id).write(insert_integration)
    await store.close()
    return app_id, integration_id


def stored_keys(unit: Unit) -> set[str]:
    return set(unit.all(unit.select(InboundItem.dedupe_key)))


async def test_what_was_acknowledged_is_there_after_kill_9(database: Database) -> None:
    app_id, integration_id = await prepare(database)
    chance = random.Random(1)
    acknowledged: set[str] = set()

    for life in range(4):
        async with a_process(database, app_id, integration_id, "--no-worker") as process:
            async with anyio.create_task_group() as tasks:

                async def send(life: int = life) -> None:
                    for n in range(200):
                        await process.feed(f"{life}-{n}", f"chat-{n % 7}")

                tasks.start_soon(send)
                await process.has_kept(chance.randrange(1, 120))
                process.kill()
                tasks.cancel_scope.cancel()
            acknowledged.update(process.kept)

    store = database.store()
    await store.open()
    assert len(acknowledged) > 4
    assert acknowledged <= await store.acting(app_id).read(stored_keys)
    await store.close()


async def test_one_bad_webhook_of_a_group_is_refused_and_its_neighbours_are_kept(database: Database) -> None:
    app_id, integration_id = await prepare(database)
    store = database.store()
    await store.open()
    refused: list[str] = []

    async def keep(key: str) -> None:
        arrival = an_arrival(store, app_id, integration_id, "body", "chat")
        (item,) = arrival.items
        try:
            await store.append(replace(arrival, items=(replace(item, dedupe_key=key),)))
        except UnavailableError:
            refused.append(key)

    async with anyio.create_task_group() as tasks:
        for n in range(10):
            tasks.start_soon(keep, f"key-{n}" if n != 5 else UNSTORABLE)

    assert refused == [UNSTORABLE]
    assert await store.acting(app_id).read(stored_keys) == {f"key-{n}" for n in range(10) if n != 5}
    await store.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_database_that_is_away_refuses_at_once(database: Database) -> None:
    app_id, integration_id = await prepare(database)
    store = database.store()
    await store.open()
    await store.close()
    away = Database(kind="postgres", url="postgresql://postgres@127.0.0.1:1/nothing").store()

    with pytest.raises(UnavailableError), anyio.fail_after(5):
        await away.append(an_arrival(away, app_id, integration_id, "k", "chat"))
    await away.close()
