"""Taking in again what came in a span of time, after a parser was fixed: a Job, in steps."""

from dataclasses import dataclass
from datetime import datetime

from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.errors import InvalidError, NotFoundError
from chaskiq_core.integrations.find import find_by_key
from chaskiq_core.model import ItemState, Job
from chaskiq_core.store.clock import first_id
from chaskiq_core.store.unit import Unit

REPLAY_JOB = "replay"
STATES = {
    "failed": (ItemState.FAILED,),
    "ignored": (ItemState.IGNORED,),
    "done": (ItemState.DONE,),
    "all": (ItemState.FAILED, ItemState.IGNORED, ItemState.DONE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """A replay of a span, and how far it is."""

    id: str
    state: str
    """pending, done or failed."""
    replayed: int
    """Elements that were handed to the workers again."""


@act(needs=Permission.MANAGE_CHANNELS, audits=True)
def replay_span(
    unit: Unit,
    *,
    since: datetime,
    until: datetime | None = None,
    state: str = "failed",
    integration: str | None = None,
    live: bool = False,
) -> ReplayView:
    """Take in again what came between two times, in order: what we have already is not added twice.

    As history, without unread counts, bots or reopening, unless `live`. What was purged can't be replayed.
    """
    until = until or unit.now
    if since.tzinfo is None or until.tzinfo is None:
        raise InvalidError("since, until: must say their time zone, as 2026-01-31T09:30:00Z does")
    if since >= until:
        raise InvalidError("since: must be before until")
    if state not in STATES:
        raise InvalidError(f"state: must be one of {', '.join(STATES)}")
    integration_id = find_by_key(unit, integration).id if integration else None
    key = unit.new_key()
    unit.enqueue(
        REPLAY_JOB,
        replay_lane(key),
        {
            "after": first_id(since) - 1,
            "before": first_id(until),
            "states": [one.value for one in STATES[state]],
            "integration": integration_id,
            "live": live,
            "replayed": 0,
        },
    )
    return ReplayView(id=key, state=ItemState.PENDING.value, replayed=0)


def replay_lane(key: str) -> str:
    """The lane of a replay's Job, for who carries it out by itself."""
    return f"replay/{key}"


@act(needs=Permission.MANAGE_CHANNELS)
def replay_progress(unit: Unit, key: str) -> ReplayView:
    """How far a replay is."""
    job = unit.first(unit.select(Job).where(Job.key == replay_lane(key), Job.kind == REPLAY_JOB))
    if job is None:
        raise NotFoundError(f"no replay {key[:64]!r} in this App")
    replayed = job.payload.get("replayed")
    return ReplayView(id=key, state=job.state.value, replayed=replayed if isinstance(replayed, int) else 0)
