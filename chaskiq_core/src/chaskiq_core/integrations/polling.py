"""Asking a provider that calls nobody: one Job of an integration, due again and again, and where it goes on."""

from datetime import timedelta

from chaskiq_core.model import Integration, ItemState, Job, LaneKind
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.store.unit import Unit

POLL_JOB = "poll"
CURSOR = "poll_cursor"


def start_polling(unit: Unit, integration: Integration) -> None:
    """Ask from now on; if it was asked before, again with what it has now."""
    key = f"poll/{integration.key}"
    if unit.enqueue(POLL_JOB, key, {"integration": integration.id}, integration_id=IntegrationId(integration.id)):
        return
    again = unit.update(Job).where(Job.key == key, Job.state != ItemState.PENDING)
    if unit.change(again.values(state=ItemState.PENDING, due_at=unit.now, attempts=0, error=None, finished_at=None)):
        unit.wake(LaneKind.JOB, key, integration_id=IntegrationId(integration.id))


def read_cursor(unit: Unit, integration_id: IntegrationId) -> str:
    """Where the last look ended; '' before the first."""
    state = unit.first(unit.select(Integration.plugin_state).where(Integration.id == integration_id)) or {}
    cursor = state.get(CURSOR)
    return cursor if isinstance(cursor, str) else ""


def keep_cursor(unit: Unit, integration_id: IntegrationId, cursor: str) -> None:
    """Where the next look goes on."""
    for row in unit.lock(unit.select(Integration).where(Integration.id == integration_id)):
        row.plugin_state = {**row.plugin_state, CURSOR: cursor}
    unit.flush()


def put_off(unit: Unit, job_id: int, *, wait: timedelta, error: str | None) -> None:
    """The Job comes again after a while; failures in a row are counted."""
    unit.change(
        unit.update(Job)
        .where(Job.id == job_id, Job.state == ItemState.PENDING)
        .values(
            due_at=unit.now + wait, attempts=Job.attempts + 1 if error else 0, error=error[:1000] if error else None
        )
    )
