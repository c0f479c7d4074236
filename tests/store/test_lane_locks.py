"""Lanes are locked in the order of their keys, by whoever wakes or holds them; who lost a lane does not touch it."""

from datetime import timedelta

import anyio
import pytest

from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import claim_lanes, held_lanes, hold_lanes, put_off_lane
from chaskiq_core.store.ledgers import Arrival, ArrivedItem
from chaskiq_core.store.postgres_store import PostgresStore
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import an_app, insert_integration
from tests.harness.wait import until

pytestmark = pytest.mark.anyio

LEASE = timedelta(seconds=60)
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wake(unit: Unit, *keys: str) -> None:
    for key in keys:
        unit.wake(LaneKind.INBOUND, key)


async def test_who_lost_a_lane_can_not_put_it_off(store: Store) -> None:
    acting = store.acting(await an_app(store))
    await acting.write(wake, "a")
    (dead,) = await store.house_write(claim_lanes, LaneKind.INBOUND, limit=1, lease=timedelta(seconds=-1))
    (heir,) = await store.house_write(claim_lanes, LaneKind.INBOUND, limit=1, lease=LEASE)

    await store.house_write(put_off_lane, dead, wait=timedelta(seconds=-1))

    assert await acting.write(held_lanes, (heir,), lease=LEASE)


@pytest.mark.parametrize("by", ["wakes", "an append", "a hold"])
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_lanes_are_locked_in_the_order_of_their_keys(store: Store, by: str) -> None:
    assert isinstance(store, PostgresStore)
    app_id = await an_app(store)
    acting = store.acting(app_id)
    integration_id = await acting.write(insert_integration)
    await acting.write(wake, "a", "b", "c")
    held = await store.house_write(claim_lanes, LaneKind.INBOUND, limit=3, lease=LEASE)

    async def touch_backwards() -> None:
        if by == "wakes":
            await acting.write(wake, "c", "b", "a")
        elif by == "a hold":
            await acting.write(hold_lanes, tuple(sorted(held, key=lambda lane: lane.key, reverse=True)), lease=LEASE)
        else:
            await store.append(an_arrival(store, app_id, integration_id, "c", "b", "a"))

    async def somebody_waits() -> bool:
        async with store.engine.connect() as onlooker:
            return (await onlooker.exec_driver_sql(WAITING)).first() is not None

    # While `b` is locked, who touches all three waits for it: `a` is locked already, `c` is not yet.
    async with store.engine.connect() as other, anyio.create_task_group() as tasks:
        await other.begin()
        await other.exec_driver_sql(lock("b"))
        tasks.start_soon(touch_backwards)
        await until(somebody_waits)
        free = (await other.exec_driver_sql(f"{lock('a', 'c')} SKIP LOCKED")).scalars().all()
        await other.rollback()

    assert free == ["c"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_webhook_that_comes_again_while_it_is_worked_on_waits_without_its_lane(store: Store) -> None:
    assert isinstance(store, PostgresStore)
    app_id = await an_app(store)
    integration_id = await store.acting(app_id).write(insert_integration)
    await store.append(an_arrival(store, app_id, integration_id, "a"))

    async def again() -> None:
        await store.append(an_arrival(store, app_id, integration_id, "a"))

    async def somebody_waits() -> bool:
        async with store.engine.connect() as onlooker:
            return (await onlooker.exec_driver_sql(WAITING)).first() is not None

    # A worker writes the item first and holds the lane last: the other way round, the two would wait for each other.
    async with store.engine.connect() as worker, anyio.create_task_group() as tasks:
        await worker.begin()
        await worker.exec_driver_sql("UPDATE chaskiq_inbound_items SET state = 'done' WHERE app_id > 0")
        tasks.start_soon(again)
        await until(somebody_waits)
        free = (await worker.exec_driver_sql(f"{lock('a')} SKIP LOCKED")).scalars().all()
        await worker.rollback()

    assert free == ["a"]


def lock(*keys: str) -> str:
    """A statement that locks lanes, or says which it could."""
    names = ", ".join(f"'{key}'" for key in keys)
    return f"SELECT key FROM chaskiq_lanes WHERE app_id > 0 AND key IN ({names}) FOR UPDATE"


def an_arrival(store: Store, app_id: AppId, integration_id: IntegrationId, *lanes: str) -> Arrival:
    """One webhook with an element for each lane."""
    return Arrival(
        app_id=app_id,
        id=store.clock.next_id(),
        integration_id=integration_id,
        account="acme",
        method="POST",
        headers={},
        query="",
        body=b"{}",
        received_at=utc_now(),
        items=tuple(
            ArrivedItem(id=store.clock.next_id(), dedupe_key=lane, lane_key=lane, path=f"/{n}")
            for n, lane in enumerate(lanes)
        ),
    )
