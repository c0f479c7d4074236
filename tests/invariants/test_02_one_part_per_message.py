"""Invariant 2: the same provider message never becomes two parts, whatever is repeated, raced, replayed or killed."""

import itertools

import anyio
import pytest

from chaskiq_core.model import InboundItem
from chaskiq_core.model.ids import AppId
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, insert_integration
from tests.harness.processes import SeamProcess, a_process
from tests.harness.seam_process import an_arrival, open_items, parts_by_lane
from tests.harness.wait import until
from tests.invariants.test_01_acknowledged_is_kept import prepare

pytestmark = pytest.mark.anyio

MESSAGES = 60
LANES = 5


async def test_a_webhook_that_comes_eight_times_at_once_is_one_item(store: Store) -> None:
    app_id = await an_app(store)
    integration_id = await store.acting(app_id).write(insert_integration)

    async with anyio.create_task_group() as tasks:
        for n in range(80):
            tasks.start_soon(store.append, an_arrival(store, app_id, integration_id, f"m{n % 10}", f"chat{n % 3}"))

    def keys(unit: Unit) -> list[str]:
        return sorted(unit.all(unit.select(InboundItem.dedupe_key)))

    assert await store.acting(app_id).read(keys) == sorted(f"m{n}" for n in range(10))


async def test_a_claim_that_is_raced_is_won_once(store: Store) -> None:
    app_id = await an_app(store)
    acting = store.acting(app_id)

    def claim(unit: Unit) -> bool:
        return unit.enqueue("test", "the-one-key", {})

    won: list[bool] = []

    async def one() -> None:
        won.append(await acting.write(claim))

    async with anyio.create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(one)

    assert sorted(won) == [False] * 11 + [True]


async def settled(database: Database, app_id: AppId) -> dict[str, list[str]]:
    """What stands once nothing is pending."""
    store = database.store(owner=False)
    await store.open()
    acting = store.acting(app_id)

    async def nothing_is_pending() -> bool:
        return await acting.read(open_items) == 0

    await until(nothing_is_pending)
    parts = await acting.read(parts_by_lane)
    await store.close()
    return parts


EXPECTED = {f"chat{lane}": [f"m{n:03}" for n in range(lane, MESSAGES, LANES)] for lane in range(LANES)}


async def test_workers_that_die_again_and_again_repeat_and_reorder_nothing(database: Database) -> None:
    app_id, integration_id = await prepare(database)
    acknowledged: set[str] = set()

    for life in itertools.count():
        assert life < 60
        async with a_process(database, app_id, integration_id, "--suicidal", str(life)) as process:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(send_in_order, process, acknowledged)
                await process.has_kept(10_000)
                tasks.cancel_scope.cancel()
            acknowledged.update(process.kept)
        if len(acknowledged) == MESSAGES:
            break

    async with a_process(database, app_id, integration_id):
        assert await settled(database, app_id) == EXPECTED


async def send_in_order(process: SeamProcess, acknowledged: set[str]) -> None:
    """As a provider does: the next message of a chat only after the one before was acknowledged."""
    for n in range(MESSAGES):
        if f"m{n:03}" not in acknowledged:
            await process.feed(f"m{n:03}", f"chat{n % LANES}")
            while f"m{n:03}" not in process.kept:
                async with process.heard:
                    if process.ended:
                        return
                    await process.heard.wait()
    process.kill()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_two_worker_processes_share_the_lanes_of_one_database(database: Database) -> None:
    app_id, integration_id = await prepare(database)

    async with (
        a_process(database, app_id, integration_id) as one,
        a_process(database, app_id, integration_id) as other,
    ):
        for n in range(MESSAGES):
            sender = (one, other)[n % 2]
            await sender.feed(f"m{n:03}", f"chat{n % LANES}")
            await (other, one)[n % 2].feed(f"m{n:03}", f"chat{n % LANES}")
            await sender.has_kept(n + 1)
        parts = await settled(database, app_id)

    assert parts == EXPECTED
