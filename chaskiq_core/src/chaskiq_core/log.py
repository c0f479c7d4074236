"""Recording what happened: the event log and the audit log. Nothing is triggered by either."""

from chaskiq_core.model import Audit, Event, JsonObject
from chaskiq_core.store.unit import Unit


def record_event(
    unit: Unit, name: str, *, subject_type: str, subject_key: str, properties: JsonObject | None = None
) -> None:
    """Append to the event log: `conversations.closed` of a conversation, `visitors.convert` of a contact."""
    unit.add(
        Event(
            app_id=unit.app_id,
            id=unit.new_id(),
            name=name,
            subject_type=subject_type,
            subject_key=subject_key,
            properties=properties or {},
            created_at=unit.now,
        )
    )


def record_audit(unit: Unit, *, act: str, subject: str) -> None:
    """Append to the audit log who did what to which thing."""
    unit.add(
        Audit(
            app_id=unit.app_id,
            id=unit.new_id(),
            act=act,
            actor=str(unit.actor),
            subject=subject,
            created_at=unit.now,
        )
    )
