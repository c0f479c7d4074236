"""The baseline of appends on SQLite: by hand, a writer thread that commits all that waits at once."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from chaskiq_core.model.table import to_micros
from chaskiq_core.store.ledgers import Arrival

T = TypeVar("T")

REQUESTS = """
    INSERT INTO chaskiq_inbound_requests (app_id, id, integration_id, method, headers, query, body, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    """
ITEMS = """
    INSERT INTO chaskiq_inbound_items
        (app_id, id, request_id, integration_id, account, dedupe_key, lane_key, path, due_at, state, attempts,
         historical)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0)
    ON CONFLICT (app_id, account, dedupe_key) DO NOTHING
    """
LANES = """
    INSERT INTO chaskiq_lanes (app_id, kind, key, integration_id, priority, next_due, wakes, attempts)
    VALUES (?, 'in', ?, ?, 100, ?, 1, 0)
    ON CONFLICT (app_id, kind, key) DO UPDATE SET wakes = wakes + 1, next_due = min(next_due, excluded.next_due)
    """
DURABLY = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY")


class SqliteGroupCommit(Generic[T]):
    """A writer thread on a file; `insert` writes a group in the open transaction."""

    def __init__(self, path: Path, insert: Callable[[sqlite3.Connection, Sequence[T]], None]) -> None:
        self._path = path
        self._insert = insert
        self._waiting: SimpleQueue[tuple[T, asyncio.Future[None]] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._write, name="bench-writer", daemon=True)
        self._thread.start()

    async def append(self, one: T) -> None:
        """Store it; returns once it is on disk."""
        future = self._loop.create_future()
        self._waiting.put((one, future))
        await future

    async def close(self) -> None:
        """End the thread."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _write(self) -> None:
        connection = connect_durably(self._path)
        while (first := self._waiting.get()) is not None:
            group = [first, *self._all_that_waits()]
            connection.execute("BEGIN IMMEDIATE")
            self._insert(connection, [one for one, _ in group])
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_settle, [future for _, future in group])
        connection.close()

    def _all_that_waits(self) -> "list[tuple[T, asyncio.Future[None]]]":
        found = []
        try:
            while (waiting := self._waiting.get_nowait()) is not None:
                found.append(waiting)
            self._waiting.put(None)
        except Empty:
            pass
        return found


def connect_durably(path: Path) -> sqlite3.Connection:
    """A connection with the settings of the store, its transactions by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in DURABLY:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def insert_rows(connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> None:
    """Requests, items and lanes, in the open transaction."""
    connection.executemany(
        REQUESTS,
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
        ITEMS,
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
    lanes = {(a.app_id, i.lane_key, a.integration_id): to_micros(a.received_at) for a in arrivals for i in a.items}
    connection.executemany(LANES, [(*lane, due) for lane, due in lanes.items()])


def _settle(futures: Sequence["asyncio.Future[None]"]) -> None:
    for future in futures:
        future.set_result(None)
