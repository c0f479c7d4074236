"""Lanes in a worker's hands: claimed under a fenced lease, held at the write, released by compare-and-set."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Boolean, Integer, bindparam, text

from chaskiq_core.errors import LaneLostError
from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.model.ledgers import IS_OPEN, IS_PENDING
from chaskiq_core.model.table import UtcDateTime
from chaskiq_core.store.unit import HouseUnit, Unit

CANDIDATES = 256
"""How many due lanes a claim looks at to be fair between integrations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLane:
    """A lane that this worker holds until `lease_until`; results are written only while `lease_token` stands."""

    app_id: AppId
    kind: LaneKind
    key: str
    integration_id: IntegrationId | None
    wakes: int
    attempts: int
    """1 normally; more means that a worker died with the lane in its hands."""
    lease_token: str
    lease_until: datetime


_OTHERS = "(integration_id IS NULL OR integration_id NOT IN :skip)"

# The candidates are read without a lock; of those, the first that nobody else holds are taken.
_CLAIM = """
    /* house */
    WITH due AS (
        SELECT app_id, kind, key, integration_id, priority, next_due FROM chaskiq_lanes
        WHERE kind = :kind AND next_due <= :now AND (lease_until IS NULL OR lease_until <= :now) AND {others}
        ORDER BY priority, next_due LIMIT :candidates
    ), turns AS (
        SELECT app_id, kind, key, priority, next_due,
               row_number() OVER (PARTITION BY priority, app_id, integration_id ORDER BY next_due) AS turn,
               row_number() OVER (PARTITION BY app_id, integration_id ORDER BY priority, next_due) AS of_integration
        FROM due
    ), taken AS {materialized} (
        SELECT lanes.app_id AS of_app, lanes.kind AS of_kind, lanes.key AS of_key
        FROM chaskiq_lanes AS lanes
        JOIN turns ON turns.app_id = lanes.app_id AND turns.kind = lanes.kind AND turns.key = lanes.key
        WHERE lanes.next_due <= :now AND (lanes.lease_until IS NULL OR lanes.lease_until <= :now)
          AND turns.of_integration <= :each
        ORDER BY turns.priority, turns.turn, turns.next_due LIMIT :limit {skip_locked}
    )
    UPDATE chaskiq_lanes SET lease_until = :until, lease_token = :token, attempts = attempts + 1
    FROM taken WHERE app_id = of_app AND kind = of_kind AND key = of_key
    RETURNING app_id, kind, key, integration_id, wakes, attempts, priority, next_due
    """
_TIMES = (bindparam("now", type_=UtcDateTime()), bindparam("until", type_=UtcDateTime()))
_SKIP: BindParameter[int] = bindparam("skip", expanding=True)
CLAIM_SQLITE = text(_CLAIM.format(materialized="", skip_locked="", others=_OTHERS)).bindparams(*_TIMES, _SKIP)
CLAIM_POSTGRES = text(
    _CLAIM.format(materialized="MATERIALIZED", skip_locked="FOR UPDATE OF lanes SKIP LOCKED", others=_OTHERS)
).bindparams(*_TIMES, _SKIP)

CLAIM_ONE = text(
    """
    UPDATE chaskiq_lanes SET lease_until = :until, lease_token = :token, attempts = attempts + 1
    WHERE app_id = :app_id AND kind = :kind AND key = :key AND (lease_until IS NULL OR lease_until <= :now)
    RETURNING integration_id, wakes, attempts
    """
).bindparams(*_TIMES)

# Rows are locked in the order of their keys, as whoever wakes lanes does.
_HOLD = """
    WITH held AS {materialized} (
        SELECT key FROM chaskiq_lanes
        WHERE app_id = :app_id AND kind = :kind AND key IN :keys AND lease_token IN :tokens
        ORDER BY key {for_update}
    )
    UPDATE chaskiq_lanes SET lease_until = :until
    WHERE app_id = :app_id AND kind = :kind AND key IN (SELECT key FROM held)
    RETURNING key, lease_token
    """
_HOLD_PARAMETERS: tuple[BindParameter[datetime], BindParameter[str], BindParameter[str]] = (
    bindparam("until", type_=UtcDateTime()),
    bindparam("keys", expanding=True),
    bindparam("tokens", expanding=True),
)
HOLD_SQLITE = text(_HOLD.format(materialized="", for_update="")).bindparams(*_HOLD_PARAMETERS)
HOLD_POSTGRES = text(_HOLD.format(materialized="MATERIALIZED", for_update="FOR UPDATE")).bindparams(*_HOLD_PARAMETERS)

PUT_OFF = text(
    """
    UPDATE chaskiq_lanes SET lease_until = :until, lease_token = NULL
    WHERE app_id = :app_id AND kind = :kind AND key = :key AND lease_token = :token
    """
).bindparams(bindparam("until", type_=UtcDateTime()))

RELEASE = text(
    """
    UPDATE chaskiq_lanes SET next_due = :next_due, priority = coalesce(:priority, priority),
        lease_until = NULL, lease_token = NULL, attempts = 0
    WHERE app_id = :app_id AND kind = :kind AND key = :key AND lease_token = :token AND wakes = :wakes
    """
).bindparams(bindparam("next_due", type_=UtcDateTime()), bindparam("priority", type_=Integer()))

READ_WAKES = text(
    """
    SELECT key, lease_token, wakes FROM chaskiq_lanes
    WHERE app_id = :app_id AND kind = :kind AND key IN :keys AND lease_token IN :tokens
    """
).bindparams(bindparam("keys", expanding=True), bindparam("tokens", expanding=True))

# Lanes that others hold are not asked about: whoever looks comes again before a lease of theirs can run out unseen.
NEXT_DUE = (
    text(
        f"""
    /* house */
    SELECT EXISTS (SELECT 1 FROM chaskiq_lanes WHERE kind = :kind AND next_due <= :now
                   AND (lease_until IS NULL OR lease_until <= :now) AND {_OTHERS}) AS is_due,
           (SELECT min(next_due) FROM chaskiq_lanes WHERE kind = :kind AND next_due > :now AND {_OTHERS}) AS due
    """
    )
    .bindparams(bindparam("now", type_=UtcDateTime()), _SKIP)
    .columns(is_due=Boolean(), due=UtcDateTime())
)

# For the one process that owns a SQLite file, when it opens it: nobody else can hold a lane then.
VOID_LEASES = text(
    "/* house */ UPDATE chaskiq_lanes SET lease_until = NULL, lease_token = NULL WHERE lease_token IS NOT NULL"
)

# The head of a lane decides when it is due; a finished ledger row is no longer in the partial index.
_LEDGER_DUE = """
    SELECT ledger.lane_key, ledger.due_at, head.priority FROM {table} AS ledger
    JOIN (
        SELECT lane_key, min(id) AS id, {priority} AS priority FROM {table}
        WHERE app_id = :app_id AND lane_key IN :keys AND {pending} GROUP BY lane_key
    ) AS head ON head.id = ledger.id
    WHERE ledger.app_id = :app_id
    """
_LEDGERS = {
    LaneKind.INBOUND: ("chaskiq_inbound_items", IS_PENDING, "NULL"),
    LaneKind.OUTBOUND: ("chaskiq_deliveries", f"({IS_OPEN})", "min(priority)"),
    LaneKind.JOB: ("chaskiq_jobs", IS_PENDING, "NULL"),
}
LEDGER_DUE = {
    kind: text(_LEDGER_DUE.format(table=table, pending=pending, priority=priority))
    .bindparams(bindparam("keys", expanding=True))
    .columns(due_at=UtcDateTime(), priority=Integer())
    for kind, (table, pending, priority) in _LEDGERS.items()
}


def claim_lanes(
    house: HouseUnit,
    kind: LaneKind,
    *,
    limit: int,
    lease: timedelta,
    skip: tuple[IntegrationId, ...] = (),
    each: int | None = None,
) -> list[ClaimedLane]:
    """Take up to `limit` due lanes, round robin over integrations within a priority.

    None of the integrations to `skip`, and at most `each` of any one.
    """
    token = house.new_key()
    until = house.now + lease
    found = house.execute(
        CLAIM_SQLITE if house.is_sqlite else CLAIM_POSTGRES,
        {
            "kind": kind.value,
            "now": house.now,
            "until": until,
            "token": token,
            "limit": limit,
            "candidates": CANDIDATES,
            "each": limit if each is None else each,
            "skip": skip,
        },
    )
    return [
        ClaimedLane(
            app_id=row.app_id,
            kind=kind,
            key=row.key,
            integration_id=row.integration_id,
            wakes=row.wakes,
            attempts=row.attempts,
            lease_token=token,
            lease_until=until,
        )
        for row in sorted(found, key=lambda row: (row.priority, row.next_due))
    ]


def claim_lane(house: HouseUnit, app_id: AppId, kind: LaneKind, key: str, *, lease: timedelta) -> ClaimedLane | None:
    """Take one lane by its name, due or not; None: somebody holds it, or it isn't there."""
    token = house.new_key()
    found = house.execute(
        CLAIM_ONE,
        {
            "app_id": app_id,
            "kind": kind.value,
            "key": key,
            "token": token,
            "now": house.now,
            "until": house.now + lease,
        },
    )
    if not found:
        return None
    return ClaimedLane(
        app_id=app_id,
        kind=kind,
        key=key,
        integration_id=found[0].integration_id,
        wakes=found[0].wakes,
        attempts=found[0].attempts,
        lease_token=token,
        lease_until=house.now + lease,
    )


def hold_lanes(unit: Unit, lanes: Sequence[ClaimedLane], *, lease: timedelta) -> None:
    """Renew the leases of lanes of one App and kind, behind all other locks; LaneLostError: write nothing."""
    held = held_lanes(unit, lanes, lease=lease)
    for lane in lanes:
        if lane not in held:
            raise LaneLostError(f"lane {lane.key} is in other hands")


def held_lanes(unit: Unit, lanes: Sequence[ClaimedLane], *, lease: timedelta) -> list[ClaimedLane]:
    """The same, for results that are true whoever has the lane now: those that are still ours."""
    statement = HOLD_SQLITE if unit.is_sqlite else HOLD_POSTGRES
    found = unit.execute(statement, {**_names(lanes), "until": unit.now + lease})
    held = {(row.key, row.lease_token) for row in found}
    return [lane for lane in lanes if (lane.key, lane.lease_token) in held]


def release_lanes(house: HouseUnit, lanes: tuple[ClaimedLane, ...]) -> tuple[ClaimedLane, ...]:
    """Let go of lanes of one App and kind with their next due from the ledger; those woken meanwhile, and still ours.

    The ledger is read in a statement of its own, before the compare-and-set on `wakes`. A lane that was lost to another
    worker counts as let go.
    """
    names = _names(lanes)
    wakes = {(row.key, row.lease_token): row.wakes for row in house.execute(READ_WAKES, names)}
    if not wakes:
        return ()
    heads = {row.lane_key: row for row in house.execute(LEDGER_DUE[lanes[0].kind], names)}
    house.execute_each(
        RELEASE,
        [
            {
                "app_id": names["app_id"],
                "kind": names["kind"],
                "key": key,
                "token": token,
                "wakes": wakes[key, token],
                "next_due": heads[key].due_at if key in heads else None,
                "priority": heads[key].priority if key in heads else None,
            }
            for key, token in sorted(wakes)
        ],
    )
    refused = {(row.key, row.lease_token) for row in house.execute(READ_WAKES, names)}
    return tuple(lane for lane in lanes if (lane.key, lane.lease_token) in refused)


def release_lane(house: HouseUnit, lane: ClaimedLane) -> bool:
    """Let go of a lane; False: it was woken meanwhile, and is still ours: look again."""
    return not release_lanes(house, (lane,))


def _names(lanes: Sequence[ClaimedLane]) -> dict[str, object]:
    """The parameters that name lanes of one App and kind."""
    return {
        "app_id": lanes[0].app_id,
        "kind": lanes[0].kind.value,
        "keys": sorted({lane.key for lane in lanes}),
        "tokens": sorted({lane.lease_token for lane in lanes}),
    }


def put_off_lane(house: HouseUnit, lane: ClaimedLane, *, wait: timedelta) -> None:
    """Leave a lane whose drain failed to the next claim, its attempts counted, no sooner than after `wait`."""
    house.execute(
        PUT_OFF,
        {
            "app_id": lane.app_id,
            "kind": lane.kind.value,
            "key": lane.key,
            "token": lane.lease_token,
            "until": house.now + wait,
        },
    )


def seconds_until_due(house: HouseUnit, kind: LaneKind, *, skip: tuple[IntegrationId, ...] = ()) -> float:
    """When a lane of this kind can be claimed: 0 for now; without end if none will be by itself."""
    [row] = house.execute(NEXT_DUE, {"kind": kind.value, "now": house.now, "skip": skip})
    if row.is_due:
        return 0.0
    due: datetime | None = row.due
    return (due - house.now).total_seconds() if due is not None else math.inf
