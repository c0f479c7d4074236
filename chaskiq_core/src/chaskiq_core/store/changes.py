"""The history of a stream, read in commit order, so that a client that was away misses nothing."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, text

from chaskiq_core.model import Change
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.unit import HouseUnit, Unit

Position = tuple[int, int]
START: Position = (0, 0)
KEPT = timedelta(minutes=10)

# Below this transaction all have ended: what has a lower xid can no longer appear before what was read.
_SETTLED = text("chaskiq_changes.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def read_changes(unit: Unit, stream: str, *, after: Position = START, limit: int = 200) -> list[Published]:
    """The changes of a stream after a position, oldest first, up to where the commit order is settled."""
    xid, id_ = after
    statement = (
        unit.select(Change)
        .where(Change.stream == stream, or_(Change.xid > xid, (Change.xid == xid) & (Change.id > id_)))
        .order_by(Change.xid, Change.id)
        .limit(limit)
    )
    if not unit.is_sqlite:
        statement = statement.where(_SETTLED)
    return _published(unit.all(statement))


def purge_changes(house: HouseUnit) -> int:
    """Forget what is older than ten minutes; how many."""
    return house.change(house.delete(Change).where(Change.created_at < house.now - KEPT).prefix_with("/* house */"))


def _published(changes: Sequence[Change]) -> list[Published]:
    return [
        Published(
            app_id=change.app_id,
            stream=change.stream,
            audience=change.audience,
            payload=change.payload,
            position=(change.xid, change.id),
        )
        for change in changes
    ]
