"""Appending webhooks to the ledger: request, items and lanes of many arrivals in a few statements, without the ORM."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection as SqliteConnection
from typing import Protocol

from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.model.table import to_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedItem:
    """One element of a webhook, as `route` named it."""

    id: int
    dedupe_key: str
    lane_key: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A verified webhook on its way into the ledger; its ids are given before the first try, as a call's."""

    app_id: AppId
    id: int
    integration_id: IntegrationId
    account: str
    method: str
    headers: dict[str, str]
    query: str
    body: bytes
    received_at: datetime
    items: tuple[ArrivedItem, ...]


class PostgresConnection(Protocol):
    """What the append needs of asyncpg's connection."""

    async def execute(self, query: str, *args: object) -> str: ...


_REQUESTS = """
    INSERT INTO chaskiq_inbound_requests
        (app_id, id, integration_id, method, headers, query, body, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (app_id, id) DO NOTHING
    """
_ITEMS = """
    INSERT INTO chaskiq_inbound_items
        (app_id, id, request_id, integration_id, account, dedupe_key, lane_key, path, due_at,
         state, attempts, historical)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0)
    ON CONFLICT (app_id, account, dedupe_key) DO NOTHING
    """
_LANES = """
    INSERT INTO chaskiq_lanes (app_id, kind, key, integration_id, priority, next_due, wakes, attempts)
    VALUES (?, 'in', ?, ?, 100, ?, 1, 0)
    ON CONFLICT (app_id, kind, key) DO UPDATE SET
        wakes = wakes + 1,
        next_due = CASE WHEN next_due < excluded.next_due THEN next_due ELSE excluded.next_due END
    """

# One statement, one round trip: foreign keys are checked at its end, when the requests stand. The lanes' WHERE is true
# and has the items written first, as a worker does. Left to itself, PostgreSQL begins with the lanes, and a webhook
# that came again while it was worked on was a deadlock.
_POSTGRES = """
    WITH requests AS (
        INSERT INTO chaskiq_inbound_requests
            (app_id, id, integration_id, method, headers, query, body, received_at)
        SELECT app_id, id, integration_id, method, headers::jsonb, query, body, received_at
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bytea[],
                    $8::timestamptz[])
             AS r (app_id, id, integration_id, method, headers, query, body, received_at)
        ON CONFLICT (app_id, id) DO NOTHING
    ), items AS (
        INSERT INTO chaskiq_inbound_items
            (app_id, id, request_id, integration_id, account, dedupe_key, lane_key, path, due_at, state, attempts,
             historical)
        SELECT app_id, id, request_id, integration_id, account, dedupe_key, lane_key, path, due_at, 'pending', 0, false
        FROM unnest($9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[],
                    $16::text[], $17::timestamptz[])
             AS i (app_id, id, request_id, integration_id, account, dedupe_key, lane_key, path, due_at)
        ON CONFLICT (app_id, account, dedupe_key) DO NOTHING
        RETURNING id
    )
    INSERT INTO chaskiq_lanes (app_id, kind, key, integration_id, priority, next_due, wakes, attempts)
    SELECT app_id, 'in', key, integration_id, 100, due, 1, 0
    FROM unnest($18::bigint[], $19::text[], $20::bigint[], $21::timestamptz[]) AS l (app_id, key, integration_id, due)
    WHERE (SELECT count(*) FROM items) >= 0
    ON CONFLICT (app_id, kind, key) DO UPDATE SET
        wakes = chaskiq_lanes.wakes + 1,
        next_due = least(chaskiq_lanes.next_due, excluded.next_due)
    """


def append_sqlite(connection: SqliteConnection, arrivals: Sequence[Arrival]) -> None:
    """Write the arrivals inside the open transaction."""
    connection.executemany(
        _REQUESTS,
        [
            (
                a.app_id,
                a.id,
                a.integration_id,
                a.method,
                json.dumps(a.headers),
                a.query,
                a.body,
                to_micros(a.received_at),
            )
            for a in arrivals
        ],
    )
    connection.executemany(
        _ITEMS,
        [
            (
                a.app_id,
                i.id,
                a.id,
                a.integration_id,
                a.account,
                i.dedupe_key,
                i.lane_key,
                i.path,
                to_micros(a.received_at),
            )
            for a in arrivals
            for i in a.items
        ],
    )
    connection.executemany(
        _LANES, [(app_id, key, integration_id, to_micros(due)) for app_id, key, integration_id, due in _lanes(arrivals)]
    )


async def append_postgres(connection: PostgresConnection, arrivals: Sequence[Arrival]) -> None:
    """Write the arrivals in one statement, which is its own transaction."""
    items = [(a, i) for a in arrivals for i in a.items]
    lanes = _lanes(arrivals)
    await connection.execute(
        _POSTGRES,
        [a.app_id for a in arrivals],
        [a.id for a in arrivals],
        [a.integration_id for a in arrivals],
        [a.method for a in arrivals],
        [json.dumps(a.headers) for a in arrivals],
        [a.query for a in arrivals],
        [a.body for a in arrivals],
        [a.received_at for a in arrivals],
        [a.app_id for a, _ in items],
        [i.id for _, i in items],
        [a.id for a, _ in items],
        [a.integration_id for a, _ in items],
        [a.account for a, _ in items],
        [i.dedupe_key for _, i in items],
        [i.lane_key for _, i in items],
        [i.path for _, i in items],
        [a.received_at for a, _ in items],
        [lane[0] for lane in lanes],
        [lane[1] for lane in lanes],
        [lane[2] for lane in lanes],
        [lane[3] for lane in lanes],
    )


def _lanes(arrivals: Sequence[Arrival]) -> list[tuple[AppId, str, IntegrationId, datetime]]:
    """The lanes to wake, each once, sorted by key: unsorted upserts of two groups would deadlock."""
    lanes: dict[tuple[AppId, str], tuple[AppId, str, IntegrationId, datetime]] = {}
    for arrival in arrivals:
        for item in arrival.items:
            lane = (arrival.app_id, item.lane_key)
            lanes.setdefault(lane, (*lane, arrival.integration_id, arrival.received_at))
    return [lanes[name] for name in sorted(lanes)]
