"""A worker: claims lanes, hands them to the drain it was given, releases them; knows nothing of what a drain does."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from chaskiq_core.errors import ChaskiqError, LaneLostError, UnavailableError
from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.lanes import ClaimedLane, claim_lanes, put_off_lane, release_lanes, seconds_until_due
from chaskiq_core.store.store import Store
from chaskiq_core.store.unit import HouseUnit
from chaskiq_core.work.dispatcher import Dispatcher
from chaskiq_core.work.gate import Gate
from chaskiq_core.work.together import Together
from chaskiq_core.work.turn import Stop, Turn

LOOK_SECONDS = 0.5
"""How long a worker waits at most before it looks at the lanes by itself: a lost wake-up delays work by that."""
AWAY_SECONDS = 1.0
"""How long it waits when the database is away."""
LET_GO_SECONDS = 2.0
"""How long a cancelled drain may take to let go of its lanes."""
FAILED_WAIT = timedelta(seconds=1)
log = logging.getLogger("chaskiq.work")


class Drain(Protocol):
    """Does what lanes of one App have to do, and leaves their next due in the ledger."""

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlan:
    """How a worker serves one kind of lane."""

    drain: Drain
    batch: int
    """Lanes handed to one drain at once."""
    drains: int
    """Drains that run at the same time."""
    each: int | None = None
    """How many lanes one integration may have in hand at most, so that a slow provider leaves room for the others."""
    gate: Gate = field(default_factory=Gate)
    """Whose lanes are not claimed for now."""
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
        self._stop = Stop()
        self._held: dict[LaneKind, Counter[IntegrationId | None]] = {kind: Counter() for kind in plans}
        self._released = Together(self._release)
        self._full: dict[LaneKind, set[IntegrationId | None]] = {kind: set() for kind in plans}
        """Which integrations were left alone at the last look, since they had their share in hand."""

    async def run(self) -> None:
        """Work until `stop`; then finish what is in hand."""
        async with anyio.create_task_group() as tasks:
            for kind, plan in self._plans.items():
                tasks.start_soon(self._serve, tasks, kind, plan)

    def stop(self) -> None:
        """Claim nothing more; drains end after the step they are at, and `run` returns."""
        self._stop.told = True
        self._dispatcher.wake(frozenset(self._plans))

    async def _serve(self, tasks: TaskGroup, kind: LaneKind, plan: LanePlan) -> None:
        slots = anyio.Semaphore(plan.drains)
        while not self._stop.told:
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
        await slots.acquire()
        lanes: list[ClaimedLane] = []
        try:
            skip, each = self._room(kind, plan)
            wait = await self._store.house_read(seconds_until_due, kind, skip=skip)
            if wait > 0 or self._stop.told:
                opens = plan.gate.opens_in()  # 0.0: one opened while we looked
                return min(wait, wait if opens is None else opens, self._look_seconds)
            free = slots.value + 1
            lanes = await self._store.house_write(
                claim_lanes, kind, limit=plan.batch * free, lease=plan.lease, skip=skip, each=each
            )
        finally:
            if not lanes:
                slots.release()
        for one, count in Counter(lane.integration_id for lane in lanes).items():
            if one is not None:
                plan.gate.claimed(one, count)
        for n, batch in enumerate(_batches(lanes, plan.batch)):
            if n:
                await slots.acquire()
            self._held[kind].update(lane.integration_id for lane in batch)
            tasks.start_soon(self._drain, batch, kind, plan, slots)
        return 0.0 if lanes else 0.01

    def _room(self, kind: LaneKind, plan: LanePlan) -> tuple[tuple[IntegrationId, ...], int | None]:
        """Whose lanes to leave alone now, and how many of each other integration may be claimed."""
        closed = set(plan.gate.closed())
        if plan.each is None:
            return tuple(sorted(closed)), None
        held = self._held[kind]
        narrow = plan.gate.one_at_a_time
        full = {one for one, count in held.items() if count >= (1 if one in narrow else plan.each)}
        self._full[kind] = full
        closed |= {one for one in full if one is not None}
        most = max((count for one, count in held.items() if one not in full), default=0)
        slow = [1 for one in narrow if one not in closed]
        slow += [count for one, count in plan.gate.at_once().items() if one not in closed]
        return tuple(sorted(closed)), min([plan.each - most, *slow])

    async def _drain(
        self, lanes: Sequence[ClaimedLane], kind: LaneKind, plan: LanePlan, slots: anyio.Semaphore
    ) -> None:
        try:
            await self._work_on(lanes, plan)
        except ChaskiqError as error:
            log.warning("lanes wait for their lease to run out: %s", error)
        finally:
            self._held[kind].subtract(lane.integration_id for lane in lanes)
            self._held[kind] += Counter()  # those at zero go
            slots.release()
            if not self._full[kind].isdisjoint(lane.integration_id for lane in lanes):
                self._dispatcher.wake_here(frozenset([kind]))  # it has room again

    async def _work_on(self, lanes: Sequence[ClaimedLane], plan: LanePlan) -> None:
        try:
            await plan.drain(lanes, Turn(self._stop))
        except (UnavailableError, LaneLostError) as error:
            # Nobody died of what is in the lane: its attempts must not count against the head.
            log.warning("%s: %s", ", ".join(lane.key for lane in lanes), error)
            if isinstance(error, UnavailableError):
                await anyio.sleep(AWAY_SECONDS)
            await self._let_go(lanes)
        except anyio.get_cancelled_exc_class():
            # The time to end is over: others may go on with the lanes at once, not only when the lease runs out.
            with anyio.move_on_after(LET_GO_SECONDS, shield=True):
                await self._let_go(lanes)
            raise
        except Exception:
            log.exception("draining %s failed", ", ".join(lane.key for lane in lanes))
            await self._store.house_write(_put_off, tuple(lanes))
        else:
            await self._let_go(lanes)

    async def _let_go(self, lanes: Sequence[ClaimedLane]) -> None:
        """Others may have them; those that end at the same time are let go together."""
        await self._released((lanes[0].app_id, lanes[0].kind), tuple(lanes))

    async def _release(self, _: tuple[AppId, LaneKind], several: tuple[tuple[ClaimedLane, ...], ...]) -> Sequence[None]:
        await self._store.house_write(_release, tuple(lane for lanes in several for lane in lanes))
        return [None] * len(several)


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
