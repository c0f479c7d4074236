"""The worker: lanes of one App to a drain, a failing drain delays only its own, nothing in hand is dropped."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest

from chaskiq_core.model import ItemState, Job, Lane, LaneKind
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.store.unit import Unit
from chaskiq_core.work.dispatcher import Dispatcher, Ticket
from chaskiq_core.work.gate import Gate
from chaskiq_core.work.local_dispatcher import LocalDispatcher
from chaskiq_core.work.turn import Turn
from chaskiq_core.work.worker import LanePlan, Worker
from tests.harness.databases import Database
from tests.harness.house_acts import an_app, enqueue
from tests.harness.statements import StatementWatch

pytestmark = pytest.mark.anyio

SOON_SECONDS = 20
LOOK_SECONDS = 0.05
DEAD, OTHER = IntegrationId(1), IntegrationId(2)


@dataclass(slots=True)
class WatchedTicket:
    """A ticket that says when the worker begins to wait on it."""

    ticket: Ticket
    idle: anyio.Event

    async def wait(self, timeout_seconds: float) -> None:
        self.idle.set()
        await self.ticket.wait(timeout_seconds)


class WatchedDispatcher:
    """Wakes as the local one does; `idle` is set each time the worker has found nothing to claim."""

    def __init__(self) -> None:
        self._local = LocalDispatcher()
        self.idle = anyio.Event()

    def wake(self, kinds: frozenset[LaneKind]) -> None:
        self._local.wake(kinds)

    def wake_here(self, kinds: frozenset[LaneKind]) -> None:
        self._local.wake(kinds)

    def ticket(self, kind: LaneKind) -> WatchedTicket:
        return WatchedTicket(self._local.ticket(kind), self.idle)

    async def listen(self) -> None:
        await self._local.listen()

    async def becomes_idle(self) -> None:
        self.idle = anyio.Event()
        self.wake(frozenset(LaneKind))
        await self.idle.wait()


class SilentDispatcher(WatchedDispatcher):
    """Loses every wake-up."""

    def wake(self, kinds: frozenset[LaneKind]) -> None:
        pass


@dataclass(slots=True)
class Drains:
    """A drain that notes what it was given, and can be waited for."""

    calls: list[tuple[ClaimedLane, ...]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    heard: anyio.Condition = field(default_factory=anyio.Condition)

    @property
    def keys(self) -> list[str]:
        return [lane.key for lanes in self.calls for lane in lanes]

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        self.calls.append(tuple(lanes))
        self.turns.append(turn)
        async with self.heard:
            self.heard.notify_all()

    async def given(self, count: int) -> None:
        """Return once so many lanes were handed out."""
        async with self.heard:
            while len(self.keys) < count:
                await self.heard.wait()


@dataclass(slots=True)
class SlowDrains(Drains):
    """The same, but each call ends only when the test lets it."""

    may_end: anyio.Event = field(default_factory=anyio.Event)

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        await Drains.__call__(self, lanes, turn)
        await self.may_end.wait()


@pytest.fixture
def dispatcher() -> WatchedDispatcher:
    return WatchedDispatcher()


@pytest.fixture
async def store(database: Database, watch: StatementWatch, dispatcher: WatchedDispatcher) -> AsyncIterator[Store]:
    """An open store whose commits wake the worker."""
    store = database.store(on_commit=lambda committed: dispatcher.wake(committed.woken), trace=watch)
    await store.open()
    yield store
    await store.close()


@asynccontextmanager
async def working(
    store: Store, dispatcher: Dispatcher, plan: LanePlan, *, look_seconds: float = LOOK_SECONDS
) -> AsyncIterator[Worker]:
    """A worker on the Job lanes; stopped and awaited at the end, all within a bounded time."""
    worker = Worker(store, dispatcher, {LaneKind.JOB: plan}, look_seconds=look_seconds)
    with anyio.fail_after(SOON_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run)
            yield worker
            worker.stop()


def wake(unit: Unit, *keys: str) -> None:
    for key in keys:
        unit.wake(LaneKind.JOB, key)


def wake_of(unit: Unit, key: str, integration_id: IntegrationId) -> None:
    unit.wake(LaneKind.JOB, key, integration_id=integration_id)


def lane_of(unit: Unit, key: str) -> tuple[bool, bool, int]:
    """Whether the lane is idle, whether somebody holds it, and its attempts."""
    lane = unit.all(unit.select(Lane).where(Lane.key == key))[0]
    return lane.next_due is None, lane.lease_token is not None, lane.attempts


def finish_jobs(unit: Unit) -> tuple[str, ...]:
    """Do all jobs that wait; their keys, in order."""
    jobs = unit.all(unit.select(Job).where(Job.state == ItemState.PENDING).order_by(Job.id))
    for job in jobs:
        job.state = ItemState.DONE
    return tuple(job.key for job in jobs)


async def make(store: Store, name: str = "Acme") -> Acting:
    return store.acting(await an_app(store, name))


async def test_a_drain_is_given_lanes_of_one_app_only(store: Store, dispatcher: WatchedDispatcher) -> None:
    apps = [await make(store, name) for name in ("one", "two", "three")]
    for acting in apps:
        await acting.write(wake, *(f"lane {n}" for n in range(5)))
    drains = Drains()

    async with working(store, dispatcher, LanePlan(drain=drains, batch=4, drains=5)):
        await drains.given(15)

    assert all(len({lane.app_id for lane in lanes}) == 1 for lanes in drains.calls)
    assert all(len(lanes) <= 4 for lanes in drains.calls)
    assert sorted((lane.app_id, lane.key) for lanes in drains.calls for lane in lanes) == sorted(
        (acting.app_id, f"lane {n}") for acting in apps for n in range(5)
    )


async def test_a_drain_that_raises_delays_only_its_own_lane(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    await acting.write(wake, "bad", "good 1", "good 2")
    drains = Drains()

    async def fail_once(lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        (lane,) = lanes
        await drains(lanes, turn)
        if lane.key == "bad" and lane.attempts == 1:
            raise ValueError("a bug in what is drained")

    async with working(store, dispatcher, LanePlan(drain=fail_once, batch=1, drains=1)):
        await drains.given(4)

    assert sorted(drains.keys[:3]) == ["bad", "good 1", "good 2"]
    (again,) = drains.calls[3]
    assert (again.key, again.attempts) == ("bad", 2)
    for key in ("bad", "good 1", "good 2"):
        assert await acting.read(lane_of, key) == (True, False, 0)


async def test_a_lane_that_was_put_off_shares_no_batch(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    await acting.write(wake, "a", "b", "c")
    drains = Drains()

    async def fail_once(lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        await drains(lanes, turn)
        if lanes[0].attempts == 1:
            raise ValueError("one of the three is poisoned")

    async with working(store, dispatcher, LanePlan(drain=fail_once, batch=10, drains=1)):
        await drains.given(6)

    assert [len(lanes) for lanes in drains.calls] == [3, 1, 1, 1]


async def test_stop_finishes_what_is_in_hand_and_claims_nothing_more(
    store: Store, dispatcher: WatchedDispatcher
) -> None:
    acting = await make(store)
    await acting.write(wake, "in hand")
    drains = SlowDrains()

    async with working(store, dispatcher, LanePlan(drain=drains, batch=1, drains=2)) as worker:
        await drains.given(1)
        await dispatcher.becomes_idle()
        worker.stop()
        await acting.write(wake, "too late")
        assert await acting.read(lane_of, "in hand") == (False, True, 1)
        drains.may_end.set()

    assert drains.keys == ["in hand"]
    assert await acting.read(lane_of, "in hand") == (True, False, 0)
    assert await acting.read(lane_of, "too late") == (False, False, 0)


async def test_a_wake_during_a_drain_is_not_forgotten(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    await acting.write(enqueue, "job 1")
    drains = SlowDrains()
    done: list[tuple[str, ...]] = []

    async def drain(lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        done.append(await acting.write(finish_jobs))
        await drains(lanes, turn)

    async with working(store, dispatcher, LanePlan(drain=drain, batch=1, drains=2)):
        await drains.given(1)
        await acting.write(enqueue, "job 2")
        await dispatcher.becomes_idle()
        drains.may_end.set()
        await drains.given(2)

    assert done == [("job 1",), ("job 2",)]
    assert await acting.read(lane_of, "jobs") == (True, False, 0)


async def test_a_lost_wake_up_only_delays(database: Database) -> None:
    store = database.store()
    await store.open()
    acting = await make(store)
    dispatcher, drains = SilentDispatcher(), Drains()

    async with working(store, dispatcher, LanePlan(drain=drains, batch=1, drains=1)):
        await dispatcher.idle.wait()
        await acting.write(wake, "a")
        await drains.given(1)

    assert drains.keys == ["a"]
    await store.close()


async def test_lanes_of_a_closed_integration_wait_and_the_others_go_on(
    store: Store, dispatcher: WatchedDispatcher
) -> None:
    acting = await make(store)
    gate, drains = Gate(), Drains()
    gate.close(DEAD, 3600)
    await acting.write(wake_of, "of the dead one", DEAD)
    await acting.write(wake_of, "of another", OTHER)

    async with working(store, dispatcher, LanePlan(drain=drains, batch=1, drains=4, gate=gate)):
        await drains.given(1)
        await dispatcher.becomes_idle()
        assert drains.keys == ["of another"]
        gate.open(DEAD)
        await drains.given(2)

    assert drains.keys == ["of another", "of the dead one"]


async def test_a_slow_integration_has_no_more_slots_than_its_share(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    for n in range(6):
        await acting.write(wake_of, f"slow {n}", DEAD)
    drains = SlowDrains()

    async with working(store, dispatcher, LanePlan(drain=drains, batch=1, drains=4, each=2)):
        await drains.given(2)
        await dispatcher.becomes_idle()
        assert len(drains.keys) == 2
        await acting.write(wake_of, "quick", OTHER)
        await drains.given(3)
        assert drains.keys[-1] == "quick"
        drains.may_end.set()
        await drains.given(7)


class OpensMeanwhile(Gate):
    """Closed for the worker's first look, and open before it asks until when."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def closed(self) -> frozenset[IntegrationId]:
        self.looks += 1
        return frozenset([DEAD] if self.looks == 1 else [])

    def opens_in(self) -> float | None:
        return 0.0 if self.looks == 1 else None


async def test_what_opens_while_the_worker_looks_is_claimed_at_once(
    store: Store, dispatcher: WatchedDispatcher
) -> None:
    acting = await make(store)
    await acting.write(wake_of, "of one that opens", DEAD)
    drains = Drains()

    plan = LanePlan(drain=drains, batch=1, drains=2, gate=OpensMeanwhile())
    async with working(store, dispatcher, plan, look_seconds=math.inf):
        await drains.given(1)


async def test_a_share_that_is_free_again_is_given_at_once(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    for n in range(6):
        await acting.write(wake_of, f"lane {n}", DEAD)
    drains = SlowDrains()

    async with working(store, dispatcher, LanePlan(drain=drains, batch=1, drains=4, each=2), look_seconds=math.inf):
        await drains.given(2)
        await dispatcher.becomes_idle()
        drains.may_end.set()

        await drains.given(6)


async def test_a_cancelled_worker_lets_go_of_its_lanes_at_once(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    await acting.write(enqueue, "job 1")
    drains = SlowDrains()

    async with anyio.create_task_group() as tasks:
        worker = Worker(store, dispatcher, {LaneKind.JOB: LanePlan(drain=drains, batch=1, drains=1)})
        tasks.start_soon(worker.run)
        await drains.given(1)
        tasks.cancel_scope.cancel()

    assert await acting.read(lane_of, "jobs") == (False, False, 0)


async def test_a_drain_is_told_that_the_worker_ends(store: Store, dispatcher: WatchedDispatcher) -> None:
    acting = await make(store)
    await acting.write(enqueue, "job 1")
    drains = SlowDrains()

    async with working(store, dispatcher, LanePlan(drain=drains, batch=1, drains=1)) as worker:
        await drains.given(1)
        assert [turn.is_over for turn in drains.turns] == [False]
        worker.stop()
        assert [turn.is_over for turn in drains.turns] == [True]
        drains.may_end.set()
