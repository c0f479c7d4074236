"""Looking for forgotten work: a ledger row that waits while its lane is idle. There should never be any."""

from sqlalchemy import bindparam, text

from chaskiq_core.model import LaneKind
from chaskiq_core.model.ledgers import IS_OPEN, IS_PENDING
from chaskiq_core.model.table import UtcDateTime
from chaskiq_core.store.unit import HouseUnit

LOOKED_AT = 5_000
"""Waiting rows of each ledger that one sweep looks at, the oldest first."""

_SWEEP = """
    /* house */
    UPDATE chaskiq_lanes SET next_due = :now, wakes = wakes + 1
    WHERE kind = :kind AND next_due IS NULL AND (app_id, key) IN (
        SELECT app_id, lane_key FROM (
            SELECT app_id, lane_key FROM {table} WHERE {waits} ORDER BY app_id, lane_key, id LIMIT :looked_at
        ) AS waiting)
    RETURNING key
    """
SWEEPS = {
    kind: text(_SWEEP.format(table=table, waits=waits)).bindparams(bindparam("now", type_=UtcDateTime()))
    for kind, table, waits in (
        (LaneKind.INBOUND, "chaskiq_inbound_items", IS_PENDING),
        (LaneKind.OUTBOUND, "chaskiq_deliveries", f"({IS_OPEN})"),
        (LaneKind.JOB, "chaskiq_jobs", IS_PENDING),
    )
}


def sweep_lanes(house: HouseUnit, kind: LaneKind) -> list[str]:
    """Wake the idle lanes of a kind that have something to do; their keys."""
    found = house.execute(SWEEPS[kind], {"kind": kind.value, "now": house.now, "looked_at": LOOKED_AT})
    return [row.key for row in found]
