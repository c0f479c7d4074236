"""The sandbox's SQLite file: one connection, one lock, transactions. Its tables are in the files that use them."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TypeAlias

Cell: TypeAlias = str | bytes | int | float | None
Row: TypeAlias = sqlite3.Row


class Database:
    """Opens on creation, so that the app also answers under httpx.ASGITransport, which runs no lifespan."""

    def __init__(self, path: Path | None = None) -> None:
        """A file, or memory for None."""
        self._lock = RLock()
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # a process that is killed loses nothing; only a machine that loses its power may
        self._connection.execute("PRAGMA synchronous = OFF")

    def create(self, schema: str) -> None:
        """Make the tables that are not there yet."""
        with self._lock:
            self._connection.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is kept together, or nothing; may be nested."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, cells: Sequence[Cell] = ()) -> list[Row]:
        """Every row of the answer."""
        with self._lock:
            return self._connection.execute(sql, cells).fetchall()

    def row(self, sql: str, cells: Sequence[Cell] = ()) -> Row | None:
        """The first row, if there is one."""
        return next(iter(self.rows(sql, cells)), None)

    def write(self, sql: str, cells: Sequence[Cell] = ()) -> int:
        """Run one statement; how many rows it touched."""
        with self._lock:
            return self._connection.execute(sql, cells).rowcount

    def insert(self, sql: str, cells: Sequence[Cell] = ()) -> int:
        """Run one INSERT; the new row's number."""
        with self._lock:
            return self._connection.execute(sql, cells).lastrowid or 0

    def close(self) -> None:
        with self._lock:
            self._connection.close()
