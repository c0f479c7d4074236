"""How much the lanes have to do, for who watches: one statement over the lanes that are not idle."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text

from chaskiq_core.model import LaneKind
from chaskiq_core.model.table import UtcDateTime
from chaskiq_core.store.unit import HouseUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFigures:
    """What the lanes of one kind have to do now."""

    kind: LaneKind
    due: int
    """Lanes that are due, in somebody's hands or not."""
    age_seconds: float
    """How long the first of them has been due."""


_DUE = (
    text(
        """
        /* house */
        SELECT kind, count(*) AS due, min(next_due) AS first FROM chaskiq_lanes WHERE next_due <= :now GROUP BY kind
        """
    )
    .bindparams(bindparam("now", type_=UtcDateTime()))
    .columns(first=UtcDateTime())
)


def lane_figures(house: HouseUnit) -> list[LaneFigures]:
    """The figures of all kinds of lanes."""
    found = {row.kind: row for row in house.execute(_DUE, {"now": house.now})}
    return [
        LaneFigures(kind=kind, due=found[kind].due, age_seconds=_age(found[kind].first, house.now))
        if kind in found
        else LaneFigures(kind=kind, due=0, age_seconds=0.0)
        for kind in LaneKind
    ]


def _age(first: datetime, now: datetime) -> float:
    return max(0.0, (now - first).total_seconds())
