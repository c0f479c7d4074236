"""Waking lanes: an upsert that whoever appends work makes in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.model.table import UtcDateTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """A lane has something to do at `due`."""

    app_id: AppId
    kind: LaneKind
    key: str
    due: datetime
    integration_id: IntegrationId | None
    priority: int


WAKE = text(
    """
    INSERT INTO chaskiq_lanes (app_id, kind, key, integration_id, priority, next_due, wakes, attempts)
    VALUES (:app_id, :kind, :key, :integration_id, :priority, :due, 1, 0)
    ON CONFLICT (app_id, kind, key) DO UPDATE SET
        wakes = chaskiq_lanes.wakes + 1,
        priority = CASE WHEN chaskiq_lanes.next_due IS NULL OR chaskiq_lanes.priority > excluded.priority
                        THEN excluded.priority ELSE chaskiq_lanes.priority END,
        next_due = CASE WHEN chaskiq_lanes.next_due < excluded.next_due
                        THEN chaskiq_lanes.next_due ELSE excluded.next_due END
    """
).bindparams(bindparam("due", type_=UtcDateTime()))


def _both(one: Wake, other: Wake) -> Wake:
    """Two wakes of a lane as one: the earlier time, the greater urgency."""
    return replace(one, due=min(one.due, other.due), priority=min(one.priority, other.priority))


def wake_lanes(connection: Connection, wakes: Sequence[Wake]) -> None:
    """Upsert the lanes: each once, in the order of their keys, so that two transactions can't cross."""
    merged: dict[tuple[int, str, str], Wake] = {}
    for wake in wakes:
        name = (wake.app_id, wake.kind.value, wake.key)
        known = merged.get(name)
        merged[name] = wake if known is None else _both(known, wake)
    rows = [
        {
            "app_id": wake.app_id,
            "kind": wake.kind.value,
            "key": wake.key,
            "integration_id": wake.integration_id,
            "priority": wake.priority,
            "due": wake.due,
        }
        for _, wake in sorted(merged.items())
    ]
    if rows:
        connection.execute(WAKE, rows)
