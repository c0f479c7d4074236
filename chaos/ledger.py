"""The database as it stands, read past the house, for the oracle: plain SQL on either kind."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import asyncpg

Row: TypeAlias = Sequence[object]

OPEN_WORK = """
    SELECT 'inbound items', count(*) FROM chaskiq_inbound_items WHERE state = 'pending'
    UNION ALL SELECT 'jobs', count(*) FROM chaskiq_jobs WHERE state = 'pending'
    UNION ALL SELECT 'deliveries', count(*) FROM chaskiq_deliveries WHERE state IN ('queued', 'sending')
    UNION ALL SELECT 'lanes', count(*) FROM chaskiq_lanes WHERE next_due IS NOT NULL OR lease_token IS NOT NULL
    """
"""What there is none of when everything is done."""
LOOK_SECONDS = 0.05
DONE = "SELECT count(*) FROM chaskiq_inbound_items WHERE state <> 'pending'"


class Ledger:
    """One database, asked in transactions of their own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.is_sqlite = url.startswith("sqlite:///")

    async def rows(self, statement: str) -> list[Row]:
        """What a statement returns."""
        if self.is_sqlite:
            return await asyncio.to_thread(self._sqlite_rows, statement)
        connection = await asyncpg.connect(self._url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def number(self, statement: str) -> int:
        """The one number that a statement returns."""
        [[number]] = await self.rows(statement)
        assert isinstance(number, int)
        return number

    async def open_work(self) -> dict[str, int]:
        """How much of what is still to be done."""
        return {str(name): int(str(count)) for name, count in await self.rows(OPEN_WORK) if count}

    async def is_quiet(self, *, seconds: float) -> dict[str, int]:
        """Wait until nothing is left to do; what is, after so long."""
        until = time.monotonic() + seconds
        while (work := await self.open_work()) and time.monotonic() < until:  # noqa: ASYNC110  no event of ours
            await asyncio.sleep(LOOK_SECONDS)
        return work

    async def is_left(self) -> None:
        """Return once PostgreSQL has noticed the death of its clients: until then it carries out what they sent."""
        backends = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chaskiq'"
        while not self.is_sqlite and await self.number(backends):  # noqa: ASYNC110  another process has no event of ours
            await asyncio.sleep(LOOK_SECONDS)

    async def let_time_pass(self) -> None:
        """Leases are over, and so are the deadlines of sends that were cut off, as after a minute and a half."""
        past = "40000000" if self.is_sqlite else "interval '40 seconds'"
        statements = (
            f"UPDATE chaskiq_delivery_pieces SET deadline = deadline - {past} WHERE state = 'sending'",
            "UPDATE chaskiq_lanes SET lease_until = NULL, lease_token = NULL",
            f"UPDATE chaskiq_deliveries SET due_at = due_at - {past} WHERE state IN ('queued', 'sending')",
            f"UPDATE chaskiq_lanes SET next_due = next_due - {past} WHERE next_due IS NOT NULL",
        )
        if self.is_sqlite:
            await asyncio.to_thread(self._sqlite_write, statements)
            return
        connection = await asyncpg.connect(self._url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def faults(self) -> list[str]:
        """What is wrong with the database itself."""
        if self.is_sqlite:
            checked = await self.rows("PRAGMA integrity_check")
            broken = [str(row[0]) for row in checked if row[0] != "ok"]
            return broken + [f"a foreign key of {row[0]}" for row in await self.rows("PRAGMA foreign_key_check")]
        tables = await self.rows(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'chaskiq\\_%' ORDER BY tablename"
        )
        try:
            for [table] in tables:  # every page is read, and its checksum with it
                await self.rows(f"SELECT count(*), sum(length({table}::text)) FROM {table}")
        except asyncpg.PostgresError as error:
            return [str(error)]
        failures = await self.number("SELECT coalesce(sum(checksum_failures), 0)::bigint FROM pg_stat_database")
        return [f"{failures} pages with a wrong checksum"] if failures else []

    def seconds(self, column: str) -> str:
        """A time as seconds since the epoch, in SQL."""
        return f"{column} / 1000000.0" if self.is_sqlite else f"extract(epoch FROM {column})::float8"

    def _sqlite_rows(self, statement: str) -> list[Row]:
        path = Path(self._url.removeprefix("sqlite:///"))
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def _sqlite_write(self, statements: Sequence[str]) -> None:
        with sqlite3.connect(Path(self._url.removeprefix("sqlite:///")), timeout=30) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
