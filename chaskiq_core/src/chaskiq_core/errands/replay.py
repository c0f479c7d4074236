"""Handing elements of webhooks to the workers again, some hundred at a time."""

from chaskiq_core.errands.jobs import LEASE, DueJob, finish_job
from chaskiq_core.model import InboundItem, InboundRequest, ItemState, Job, JsonObject, LaneKind
from chaskiq_core.store.lanes import ClaimedLane, hold_lanes
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

STEP = 100


class Replay:
    """The errand of replays."""

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        await acting.write(replay_step, lane, job.id)


def replay_step(unit: Unit, lane: ClaimedLane, job_id: int) -> None:
    """The next elements of the span; the Job's payload says how far it is."""
    [job] = unit.all(unit.select(Job).where(Job.id == job_id))
    payload = job.payload
    states = [ItemState(str(one)) for one in _list(payload["states"])]
    statement = (
        unit.select(InboundItem, InboundRequest)
        .join(InboundRequest, InboundRequest.id == InboundItem.request_id)
        .where(
            InboundItem.id > payload["after"],
            InboundItem.id < payload["before"],
            InboundItem.state.in_(states),
            InboundRequest.body.is_not(None),
        )
        .order_by(InboundItem.id)
        .limit(STEP)
    )
    if payload.get("integration") is not None:
        statement = statement.where(InboundItem.integration_id == payload["integration"])
    items = [item for item, _ in unit.rows(statement)]
    for item in items:
        take_in_again(unit, item, historical=not payload.get("live"))
    unit.flush()
    replayed = payload["replayed"]
    assert isinstance(replayed, int)
    after = items[-1].id if items else payload["after"]
    now: JsonObject = {**payload, "after": after, "replayed": replayed + len(items)}
    unit.change(unit.update(Job).where(Job.id == job_id).values(payload=now))
    if len(items) < STEP:
        finish_job(unit, lane, job_id)
    else:
        hold_lanes(unit, [lane], lease=LEASE)


def take_in_again(unit: Unit, item: InboundItem, *, historical: bool) -> None:
    """Hand an element to the workers; of one that was taken in it is known, so that nothing is added anew."""
    was_done = item.state is ItemState.DONE or (item.state is ItemState.PENDING and item.processed_at is not None)
    item.state = ItemState.PENDING
    item.attempts = 0
    item.due_at = unit.now
    item.error = None
    item.historical = historical
    if not was_done:
        item.processed_at = None
    unit.wake(LaneKind.INBOUND, item.lane_key, integration_id=item.integration_id)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
