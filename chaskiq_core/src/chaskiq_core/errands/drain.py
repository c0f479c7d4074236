"""The drain of job lanes: job by job, each to the errand of its kind."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from chaskiq_core.correlation import correlated
from chaskiq_core.errands.jobs import MAX_ATTEMPTS, DueJob, fail_job, read_job, retry_job
from chaskiq_core.errors import ChaskiqError, LaneLostError, UnavailableError
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.telemetry import JOBS, Telemetry
from chaskiq_core.work.turn import Turn

log = logging.getLogger("chaskiq.errands")


class Errand(Protocol):
    """Does one kind of job; it settles the job in the transaction of its results."""

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None: ...


class JobDrain:
    """The drain of job lanes."""

    def __init__(self, store: Store, errands: Mapping[str, Errand], telemetry: Telemetry | None = None) -> None:
        self._store = store
        self._errands = errands
        self._telemetry = telemetry or Telemetry()

    async def __call__(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        """Do what is due in the lanes, one after another: a worker runs several drains beside each other."""
        for lane in lanes:
            await self._drain_lane(lane, turn, ahead=False)

    async def drain_ahead(self, lanes: Sequence[ClaimedLane], turn: Turn, /) -> None:
        """The same, even what is not due yet: for who waits for it."""
        for lane in lanes:
            await self._drain_lane(lane, turn, ahead=True)

    async def _drain_lane(self, lane: ClaimedLane, turn: Turn, *, ahead: bool) -> None:
        acting = self._store.acting(lane.app_id)
        while not turn.is_over:
            job = await acting.read(read_job, lane.key)
            if job is None or (job.due_at > utc_now() and not ahead):
                return
            with correlated(job.correlation_id), self._telemetry.span("job", kind=job.kind):
                await self._run(acting, lane, job)

    async def _run(self, acting: Acting, lane: ClaimedLane, job: DueJob) -> None:
        errand = self._errands.get(job.kind)
        if errand is None:
            await acting.write(fail_job, lane, job.id, f"nobody knows jobs of kind {job.kind}")
            return
        try:
            await errand(acting, lane, job)
        except (UnavailableError, LaneLostError):
            raise
        except ChaskiqError as error:
            log.warning("job %s, attempt %d: %s", job.key, job.attempts + 1, error)
            if job.attempts + 1 >= MAX_ATTEMPTS:
                await acting.write(fail_job, lane, job.id, str(error))
                self._telemetry.count(JOBS, job.kind, "failed")
            else:
                wait = timedelta(seconds=2.0**job.attempts)
                await acting.write(retry_job, lane, job.id, str(error), wait=wait)
                self._telemetry.count(JOBS, job.kind, "retried")
        else:
            log.info("job %s is done", job.key)
            self._telemetry.count(JOBS, job.kind, "ended")
