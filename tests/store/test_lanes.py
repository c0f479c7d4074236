"""Lanes: claimed once, fenced, never forgotten."""

import math
from datetime import timedelta

import pytest

from chaskiq_core.model import Job, Lane, LaneKind
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane, claim_lanes, held_lanes, release_lane, seconds_until_due
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.store.unit import Unit
from tests.harness.house_acts import an_app, enqueue

pytestmark = pytest.mark.anyio

LEASE = timedelta(seconds=30)


def wake(unit: Unit, key: str, integration_id: int | None = None, priority: int = 100) -> None:
    unit.wake(LaneKind.JOB, key, integration_id=integration_id, priority=priority)  # type: ignore[arg-type]  # why: any number will do


def lane_of(unit: Unit, key: str) -> tuple[bool, int, int]:
    lane = unit.all(unit.select(Lane).where(Lane.key == key))[0]
    return lane.next_due is None, lane.wakes, lane.attempts


async def claim(store: Store, limit: int = 10, lease: timedelta = LEASE) -> list[ClaimedLane]:
    return await store.house_write(claim_lanes, LaneKind.JOB, limit=limit, lease=lease)


async def make(store: Store) -> Acting:
    return store.acting(await an_app(store))


async def test_a_lane_is_claimed_by_one(store: Store) -> None:
    acting = await make(store)
    await acting.write(wake, "a")

    assert [lane.key for lane in await claim(store)] == ["a"]
    assert await claim(store) == []


async def test_a_lane_that_is_due_later_is_left_alone(store: Store) -> None:
    acting = await make(store)
    await acting.write(enqueue, "job", utc_now() + timedelta(hours=1))

    assert await claim(store) == []
    assert 59 * 60 < await store.house_read(seconds_until_due, LaneKind.JOB) <= 60 * 60


async def test_a_dead_worker_s_lane_is_taken_over_and_its_results_are_refused(store: Store) -> None:
    acting = await make(store)
    await acting.write(wake, "a")
    (dead,) = await claim(store, lease=timedelta(seconds=-1))

    (heir,) = await claim(store)

    assert (dead.attempts, heir.attempts) == (1, 2)
    assert await acting.write(held_lanes, (heir,), lease=LEASE)
    assert not await acting.write(held_lanes, (dead,), lease=LEASE)
    assert await store.house_write(release_lane, dead), "what is not ours any more counts as let go"
    assert await acting.read(lane_of, "a") == (False, 1, 2)


async def test_a_released_lane_is_idle_and_its_attempts_are_forgotten(store: Store) -> None:
    acting = await make(store)
    await acting.write(wake, "a")
    (lane,) = await claim(store)

    assert await store.house_write(release_lane, lane)

    assert await acting.read(lane_of, "a") == (True, 1, 0)
    assert await store.house_read(seconds_until_due, LaneKind.JOB) == math.inf


async def test_a_lane_that_was_woken_meanwhile_is_due_again_at_once(store: Store) -> None:
    acting = await make(store)
    await acting.write(enqueue, "job 1")
    (lane,) = await claim(store)
    await acting.write(enqueue, "job 2")

    assert await store.house_write(release_lane, lane)

    assert [again.key for again in await claim(store)] == ["jobs"]


async def test_what_has_priority_is_claimed_first(store: Store) -> None:
    acting = await make(store)
    await acting.write(wake, "campaign", priority=200)
    await acting.write(wake, "reply", priority=100)

    assert [lane.key for lane in await claim(store, limit=1)] == ["reply"]


async def test_one_loud_integration_leaves_the_others_their_turn(store: Store) -> None:
    acting = await make(store)
    for n in range(20):
        await acting.write(wake, f"loud {n:02}", integration_id=1)
    await acting.write(wake, "quiet", integration_id=2)

    assert "quiet" in {lane.key for lane in await claim(store, limit=2)}


async def test_the_same_job_key_is_one_job(store: Store) -> None:
    acting = await make(store)

    assert await acting.write(enqueue, "job")
    assert not await acting.write(enqueue, "job")

    def jobs(unit: Unit) -> int:
        return len(unit.all(unit.select(Job)))

    assert await acting.read(jobs) == 1


async def test_lanes_of_integrations_to_skip_are_neither_claimed_nor_due(store: Store) -> None:
    acting = await make(store)
    await acting.write(wake, "slow 1", integration_id=1)
    await acting.write(wake, "other", integration_id=2)
    await acting.write(wake, "of nobody")

    lanes = await store.house_write(claim_lanes, LaneKind.JOB, limit=10, lease=LEASE, skip=(IntegrationId(1),))

    assert sorted(lane.key for lane in lanes) == ["of nobody", "other"]
    assert await store.house_read(seconds_until_due, LaneKind.JOB, skip=(IntegrationId(1),)) == math.inf
    assert await store.house_read(seconds_until_due, LaneKind.JOB) == 0


async def test_a_claim_takes_no_more_of_each_integration_than_it_is_told(store: Store) -> None:
    acting = await make(store)
    for n in range(5):
        await acting.write(wake, f"busy {n}", integration_id=1)
    await acting.write(wake, "quiet", integration_id=2)

    lanes = await store.house_write(claim_lanes, LaneKind.JOB, limit=10, lease=LEASE, each=2)

    assert [lane.integration_id for lane in sorted(lanes, key=lambda lane: lane.key)] == [1, 1, 2]
