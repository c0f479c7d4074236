"""The webhooks that wait to be taken, stored, so that a restart forgets none."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from chaskiq_core.testing.sandbox.database import Database
from chaskiq_core.testing.sandbox.json_value import write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting_posts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, queue TEXT NOT NULL,
    body BLOB NOT NULL, expires_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS waiting_posts_by_lane ON waiting_posts (account, queue, seq);
"""


class Lane(NamedTuple):
    """Webhooks that arrive one after the other; lanes don't wait for each other."""

    account: str  # who registered for them: a bot, a phone number, a workspace
    queue: str  # "" for a provider that has one queue an account


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPost:
    """A webhook that was not taken yet."""

    seq: int  # its place in the order of arrival
    body: bytes  # byte for byte the same at each attempt
    expires_at: float  # unix time after which the provider gives up


class WaitingPosts:
    """Reads and writes what waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, lane: Lane, body: bytes, *, expires_at: float) -> int:
        """Put a webhook at the end of its lane; its seq."""
        with self._database.transaction():
            return self._database.insert(
                "INSERT INTO waiting_posts (account, queue, body, expires_at) VALUES (?, ?, ?, ?)",
                (lane.account, lane.queue, body, expires_at),
            )

    def head(self, lane: Lane, *, behind: Collection[int] = ()) -> WaitingPost | None:
        """The first that waits in the lane, but for those."""
        row = self._database.row(
            "SELECT * FROM waiting_posts WHERE account = ? AND queue = ? "
            "AND seq NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT 1",
            (lane.account, lane.queue, write_json(list(behind))),
        )
        return WaitingPost(seq=row["seq"], body=row["body"], expires_at=row["expires_at"]) if row else None

    def remove(self, seq: int) -> None:
        """It was taken, or is too old."""
        with self._database.transaction():
            self._database.write("DELETE FROM waiting_posts WHERE seq = ?", (seq,))

    def lanes(self, account: str | None = None) -> list[Lane]:
        """The lanes in which something waits; of all accounts for None."""
        rows = self._database.rows(
            "SELECT DISTINCT account, queue FROM waiting_posts WHERE ? IS NULL OR account = ?", (account, account)
        )
        return [Lane(row["account"], row["queue"]) for row in rows]

    def count(self, account: str, *, now: float) -> int:
        """How many wait and are still young enough."""
        row = self._database.row(
            "SELECT count(*) AS waiting FROM waiting_posts WHERE account = ? AND expires_at > ?", (account, now)
        )
        return int(row["waiting"]) if row else 0

    def drop(self, account: str) -> None:
        """Forget all that waits for this account."""
        with self._database.transaction():
            self._database.write("DELETE FROM waiting_posts WHERE account = ?", (account,))

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM waiting_posts")
