"""Jobs out of the ledger: reading the next one of a lane, and settling it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from chaskiq_core.errors import NotFoundError
from chaskiq_core.model import ItemState, Job, JsonObject, LaneKind
from chaskiq_core.model.ledgers import IS_PENDING
from chaskiq_core.store.lanes import ClaimedLane, hold_lanes
from chaskiq_core.store.unit import Unit

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DueJob:
    """A job as a value."""

    id: int
    kind: str
    key: str
    payload: JsonObject
    attempts: int
    due_at: datetime
    correlation_id: str | None
    """Whose work it is."""

    def text(self, name: str) -> str:
        """A text of the payload."""
        return str(self.payload[name])


def enqueue_again(unit: Unit, kind: str, key: str, payload: JsonObject, *, every: timedelta) -> None:
    """A Job that comes again and again in one row: due now, unless it was due within the last `every`."""
    again = unit.change(
        unit.update(Job)
        .where(Job.key == key, Job.state != ItemState.PENDING, Job.due_at <= unit.now - every)
        .values(
            state=ItemState.PENDING,
            due_at=unit.now,
            payload=payload,
            attempts=0,
            error=None,
            finished_at=None,
            correlation_id=unit.correlation_id,
        )
    )
    if again:
        unit.wake(LaneKind.JOB, key)
    else:
        unit.enqueue(kind, key, payload)


def read_job(unit: Unit, lane_key: str) -> DueJob | None:
    """The oldest pending job of a lane."""
    job = unit.first(unit.select(Job).where(Job.lane_key == lane_key, text(IS_PENDING)).order_by(Job.id))
    if job is None:
        return None
    return DueJob(
        id=job.id,
        kind=job.kind,
        key=job.key,
        payload=job.payload,
        attempts=job.attempts,
        due_at=job.due_at,
        correlation_id=job.correlation_id,
    )


def payload_of(unit: Unit, job_id: int) -> JsonObject:
    """What a job was given; NotFoundError if it was purged meanwhile."""
    payload = unit.first(unit.select(Job.payload).where(Job.id == job_id, Job.app_id == unit.app_id))
    if payload is None:
        raise NotFoundError("the job is gone")
    return payload


def finish_job(unit: Unit, lane: ClaimedLane, job_id: int) -> bool:
    """The job is done, in the transaction of its results; False: it was done already, write nothing."""
    return _settle(unit, lane, job_id, state=ItemState.DONE, error=None)


def fail_job(unit: Unit, lane: ClaimedLane, job_id: int, error: str) -> None:
    """The job is given up, with its error."""
    _settle(unit, lane, job_id, state=ItemState.FAILED, error=error[:1000])


def retry_job(unit: Unit, lane: ClaimedLane, job_id: int, error: str, *, wait: timedelta) -> None:
    """The job is tried again later."""
    unit.change(
        unit.update(Job)
        .where(Job.id == job_id, Job.state == ItemState.PENDING)
        .values(due_at=unit.now + wait, attempts=Job.attempts + 1, error=error[:1000])
    )
    hold_lanes(unit, [lane], lease=LEASE)


def is_pending(unit: Unit, key: str) -> bool:
    """Whether a job has still to be done."""
    return unit.first(unit.select(Job).where(Job.key == key, Job.state == ItemState.PENDING)) is not None


def job_error(unit: Unit, key: str) -> str | None:
    """Why a job failed; None: it did not."""
    job = unit.first(unit.select(Job).where(Job.key == key, Job.state == ItemState.FAILED))
    return job.error if job else None


def _settle(unit: Unit, lane: ClaimedLane, job_id: int, *, state: ItemState, error: str | None) -> bool:
    changed = unit.change(
        unit.update(Job)
        .where(Job.id == job_id, Job.state == ItemState.PENDING)
        .values(state=state, error=error, finished_at=unit.now, attempts=Job.attempts + 1)
    )
    hold_lanes(unit, [lane], lease=LEASE)
    return changed == 1
