"""The history of streams, read so that who was away misses nothing.

On SQLite the ids of changes are the order of their commits, without gaps. On PostgreSQL a change with a lower id or
transaction may become visible after one with a higher: it is written just before its commit, so it does so at most
`LATE` after its `created_at`, which is the database's own clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, text

from chaskiq_core.model import Change
from chaskiq_core.realtime.streams import Published
from chaskiq_core.store.unit import HouseUnit, Unit

Position = tuple[int, int]
START: Position = (0, 0)
KEPT = timedelta(minutes=10)
LATE = timedelta(seconds=20)
"""Between writing a change and its being seen by all: statements after it (5 s each at most), commit, and carrying."""

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


def read_last_id(house: HouseUnit) -> int:
    """The id of the newest change; 0 if there is none."""
    return house.first(house.select(Change.id).order_by(Change.id.desc())) or 0


def read_after(house: HouseUnit, last_id: int, *, limit: int) -> list[Published]:
    """All Apps' changes after one, in order; for SQLite, where ids are that order."""
    return _published(house.all(house.select(Change).where(Change.id > last_id).order_by(Change.id).limit(limit)))


def read_recent_ids(house: HouseUnit, within: timedelta) -> list[int]:
    """The ids of all Apps' changes of the last seconds, oldest transaction first; for PostgreSQL."""
    recent = Change.created_at > func.clock_timestamp() - within
    return list(house.all(house.select(Change.id).where(recent).order_by(Change.xid, Change.id)))


def read_by_ids(house: HouseUnit, ids: tuple[int, ...]) -> list[Published]:
    """These changes, oldest transaction first."""
    return _published(house.all(house.select(Change).where(Change.id.in_(ids)).order_by(Change.xid, Change.id)))


def read_missed(
    unit: Unit, stream: str, *, after: int | None, since: datetime | None = None, limit: int
) -> list[Published] | None:
    """What was said on a stream after the change of that id, or since a time if there is none, oldest first.

    None: it isn't known from there on any more, or is over `limit`. On SQLite it is exactly what came after; on
    PostgreSQL what may have been seen before comes again, rather than that a late commit is left out.
    """
    statement = unit.select(Change).where(Change.stream == stream)
    if after is not None:
        last = unit.first(unit.select(Change).where(Change.stream == stream, Change.id == after))
        if last is None:
            return None
        statement = statement.where(
            Change.id > after if unit.is_sqlite else Change.created_at >= last.created_at - LATE
        )
    elif since is not None:
        if since < unit.now - KEPT:
            return None
        statement = statement.where(Change.created_at >= since)
    found = unit.all(statement.order_by(Change.xid, Change.id).limit(limit + 1))
    return _published(found) if len(found) <= limit else None


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
