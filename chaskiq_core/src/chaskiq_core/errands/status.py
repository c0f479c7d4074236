"""A status that came before our own commit named its message: tried again until the message is known, or nobody's."""

from datetime import timedelta

from pydantic import TypeAdapter

from chaskiq_core.conversations.dialogue import load_parts_by_id, lock_dialogues
from chaskiq_core.conversations.status import STATUS_JOB, show_status
from chaskiq_core.deliveries.sources import find_sources
from chaskiq_core.errands.jobs import DueJob, finish_job, retry_job
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.events import StatusChanged
from chaskiq_core.store.lanes import ClaimedLane
from chaskiq_core.store.store import Acting
from chaskiq_core.store.unit import Unit

WAITS = (timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=25), timedelta(minutes=2))
"""A send and its commit take seconds; after that the message is somebody else's."""
_STATUS = TypeAdapter(StatusChanged)


def keep_status(unit: Unit, event: StatusChanged, *, integration_id: IntegrationId, account: str) -> None:
    """Try a status again in a second: its message may be on its way into the database."""
    unit.enqueue(
        STATUS_JOB,
        f"status/{account}/{event.message_key}/{event.status.value}"[:500],
        {"event": _STATUS.dump_python(event, mode="json"), "integration": integration_id, "account": account},
        due=unit.now + WAITS[0],
    )


class SettleStatus:
    """The errand of statuses that came early."""

    async def __call__(self, acting: Acting, lane: ClaimedLane, job: DueJob, /) -> None:
        event = _STATUS.validate_python(job.payload["event"])
        await acting.write(
            settle,
            lane,
            job.id,
            event,
            IntegrationId(int(job.text("integration"))),
            job.text("account"),
            wait=WAITS[job.attempts + 1] if job.attempts + 1 < len(WAITS) else None,
        )


def settle(
    unit: Unit,
    lane: ClaimedLane,
    job_id: int,
    event: StatusChanged,
    integration_id: IntegrationId,
    account: str,
    *,
    wait: timedelta | None,
) -> None:
    """Show it if the message is known by now; else later, or never."""
    source = find_sources(unit, [(account, event.message_key)]).get((account, event.message_key))
    if source is not None:
        part = load_parts_by_id(unit, {source.part_id})[source.part_id]
        [dialogue] = lock_dialogues(unit, [part.conversation_id])
        show_status(unit, dialogue, part, event, integration_id)
        unit.flush()
    if source is None and wait is not None:
        retry_job(unit, lane, job_id, "its message is not known yet", wait=wait)
    else:
        finish_job(unit, lane, job_id)
