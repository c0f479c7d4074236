"""The baseline of appends on PostgreSQL: by hand, a leader that writes for those who wait, in one statement."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import asyncpg

from chaskiq_core.store.ledgers import Arrival

T = TypeVar("T")

# One statement, because three `executemany` in a transaction, the plainer way, were slower by a third.
INSERT = """
    WITH requests AS (
        INSERT INTO chaskiq_inbound_requests
            (app_id, id, integration_id, method, headers, query, body, received_at)
        SELECT a, i, n, m, h::jsonb, q, b, r
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bytea[],
                    $8::timestamptz[]) AS x (a, i, n, m, h, q, b, r)
    ), items AS (
        INSERT INTO chaskiq_inbound_items
            (app_id, id, request_id, integration_id, account, dedupe_key, lane_key, path, due_at, state, attempts,
             historical)
        SELECT a, i, q, n, c, k, l, p, d, 'pending', 0, false
        FROM unnest($9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[],
                    $16::text[], $17::timestamptz[]) AS x (a, i, q, n, c, k, l, p, d)
        ON CONFLICT (app_id, account, dedupe_key) DO NOTHING
    )
    INSERT INTO chaskiq_lanes (app_id, kind, key, integration_id, priority, next_due, wakes, attempts)
    SELECT a, 'in', k, n, 100, d, 1, 0
    FROM unnest($18::bigint[], $19::text[], $20::bigint[], $21::timestamptz[]) AS x (a, k, n, d)
    ON CONFLICT (app_id, kind, key) DO UPDATE SET
        wakes = chaskiq_lanes.wakes + 1, next_due = least(chaskiq_lanes.next_due, excluded.next_due)
    """


class PostgresGroupCommit(Generic[T]):
    """A leader-follower group on one connection; `insert` writes a group in a transaction of its own."""

    def __init__(
        self, connection: asyncpg.Connection, insert: Callable[[asyncpg.Connection, Sequence[T]], Awaitable[None]]
    ) -> None:
        self._connection = connection
        self._insert = insert
        self._waiting: list[tuple[T, asyncio.Future[bool]]] = []
        self._led = False

    async def append(self, one: T) -> None:
        """Store it; returns once it is on disk."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((one, turn))
        if self._led and await turn:
            return
        self._led = True
        group, self._waiting = self._waiting, []
        await self._insert(self._connection, [waiting for waiting, _ in group])
        for _, future in group:
            if not future.done():  # the leader's own may be
                future.set_result(True)
        if self._waiting:
            self._waiting[0][1].set_result(False)
        else:
            self._led = False

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


async def insert_rows(connection: asyncpg.Connection, arrivals: Sequence[Arrival]) -> None:
    """Requests, items and lanes, in one statement that is its own transaction."""
    items = [(a, i) for a in arrivals for i in a.items]
    lanes = sorted({(a.app_id, i.lane_key, a.integration_id): a.received_at for a, i in items}.items())
    await connection.execute(
        INSERT,
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
        [app_id for (app_id, _, _), _ in lanes],
        [key for (_, key, _), _ in lanes],
        [integration_id for (_, _, integration_id), _ in lanes],
        [due for _, due in lanes],
    )
