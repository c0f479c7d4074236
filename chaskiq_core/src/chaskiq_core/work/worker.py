"""A worker: claims lanes, hands them to the drain it was given, releases them; knows nothing of what a drain does."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from chaskiq_core.errors import ChaskiqError, LaneLostError, UnavailableError
from chaskiq_core.model import LaneKind
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane, claim_lanes, next_due, put_off_lane, release_lanes
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import HouseUnit
from chaskiq_core.work.dispatcher import Dispatcher

LOOK_SECONDS = 0.5
"""How long a worker waits at most before it looks at the lanes by itself: a lost wake-up delays work by that."""
AWAY_SECONDS = 1.0
"""How long it waits when the database is away."""
FAILED_WAIT = timedelta(seconds=1)
log = logging.getLogger("chaskiq.work")


class Drain(Protocol):
    """Does what lanes of one App have to do, and leaves their next due in the ledger."""

    async def __call__(self, lanes: Sequence[ClaimedLane], /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlan:
    """How a worker serves one kind of lane."""

    drain: Drain
    batch: int
    """Lanes handed to one drain at once."""
    drains: int
    """Drains that run at the same time."""
    lease: timedelta = timedelta(seconds=60)


class Worker:
    """Serves the lanes of one store until it is stopped or cancelled."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        plans: Mapping[LaneKind, LanePlan],
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._plans = plans
        self._look_seconds = look_seconds
        self._stopping = False

    async def run(self) -> None:
        """Work until `stop`; then finish what is in hand."""
        async with anyio.create_task_group() as tasks:
            for kind, plan in self._plans.items():
                tasks.start_soon(self._serve, tasks, kind, plan)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the drains that run have ended."""
        self._stopping = True
        self._dispatcher.wake(frozenset(self._plans))

    async def _serve(self, tasks: TaskGroup, kind: LaneKind, plan: LanePlan) -> None:
        slots = anyio.Semaphore(plan.drains)
        while not self._stopping:
            ticket = self._dispatcher.ticket(kind)
            try:
                wait = await self._start_drains(tasks, kind, plan, slots)
            except ChaskiqError as error:
                log.warning("the lanes can't be read: %s", error)
                wait = AWAY_SECONDS
            except Exception:
                log.exception("claiming lanes of kind %s failed", kind)
                wait = AWAY_SECONDS
            if wait > 0:
                await ticket.wait(wait)

    async def _start_drains(self, tasks: TaskGroup, kind: LaneKind, plan: LanePlan, slots: anyio.Semaphore) -> float:
        """Hand out what is due; how many seconds nothing more will be."""
        due = await self._store.house_read(next_due, kind)
        if due is None:
            return self._look_seconds
        if (seconds := (due - utc_now()).total_seconds()) > 0:
            return min(seconds, self._look_seconds)
        await slots.acquire()
        lanes: list[ClaimedLane] = []
        try:
            free = slots.value + 1
            lanes = await self._store.house_write(claim_lanes, kind, limit=plan.batch * free, lease=plan.lease)
        finally:
            if not lanes:
                slots.release()
        for n, batch in enumerate(_batches(lanes, plan.batch)):
            if n:
                await slots.acquire()
            tasks.start_soon(self._drain, batch, plan, slots)
        return 0.0 if lanes else 0.01

    async def _drain(self, lanes: Sequence[ClaimedLane], plan: LanePlan, slots: anyio.Semaphore) -> None:
        try:
            try:
                await plan.drain(lanes)
            except (UnavailableError, LaneLostError) as error:
                # Nobody died of what is in the lane: its attempts must not count against the head.
                log.warning("%s: %s", ", ".join(lane.key for lane in lanes), error)
                if isinstance(error, UnavailableError):
                    await anyio.sleep(AWAY_SECONDS)
                await self._store.house_write(_release, tuple(lanes))
            except Exception:
                log.exception("draining %s failed", ", ".join(lane.key for lane in lanes))
                await self._store.house_write(_put_off, tuple(lanes))
            else:
                await self._store.house_write(_release, tuple(lanes))
        except ChaskiqError as error:
            log.warning("lanes wait for their lease to run out: %s", error)
        finally:
            slots.release()


def _batches(lanes: Sequence[ClaimedLane], size: int) -> list[list[ClaimedLane]]:
    """Lanes of one App together, `size` at a time; one that a worker died with goes alone."""
    batches: list[list[ClaimedLane]] = []
    for (_, alone), group in groupby(sorted(lanes, key=_company), key=_company):
        batch, step = list(group), 1 if alone else size
        batches.extend(batch[start : start + step] for start in range(0, len(batch), step))
    return batches


def _company(lane: ClaimedLane) -> tuple[int, bool]:
    """Lanes that may share a batch have the same: the App, and whether a worker died with them."""
    return lane.app_id, lane.attempts > 1


def _release(house: HouseUnit, lanes: tuple[ClaimedLane, ...]) -> None:
    while lanes:
        lanes = release_lanes(house, lanes)


def _put_off(house: HouseUnit, lanes: tuple[ClaimedLane, ...]) -> None:
    for lane in sorted(lanes, key=lambda lane: lane.key):
        put_off_lane(house, lane, wait=FAILED_WAIT)
