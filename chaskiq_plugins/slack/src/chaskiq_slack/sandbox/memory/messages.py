"""Messages by channel and ts, with who reacted to them; a ts is made once and never again."""

from collections.abc import Callable

from chaskiq_core.testing.sandbox import Database, JsonObject, read_object, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    team TEXT, channel TEXT, ts TEXT, thread_ts TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (team, channel, ts));
CREATE TABLE IF NOT EXISTS last_ts (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
"""
MILLION = 1_000_000


class Messages:
    """Reads and writes messages."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        database.create(SCHEMA)

    def take_ts(self) -> str:
        """A timestamp that no message has: microseconds, rising."""
        with self._database.transaction():
            row = self._database.row("SELECT value FROM last_ts")
            value = max(int(self._now() * MILLION), int(row["value"]) + 1 if row else 0)
            self._database.write("INSERT OR REPLACE INTO last_ts VALUES (1, ?)", (value,))
        return f"{value // MILLION}.{value % MILLION:06d}"

    def keep(self, team: str, channel: str, message: JsonObject) -> None:
        """A new message, or what it says now."""
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?)",
                (team, channel, str(message["ts"]), str(message.get("thread_ts") or ""), write_json(message)),
            )

    def find(self, team: str, channel: str, ts: str) -> JsonObject | None:
        row = self._database.row(
            "SELECT doc FROM messages WHERE team = ? AND channel = ? AND ts = ?", (team, channel, ts)
        )
        return read_object(row["doc"]) if row else None

    def remove(self, team: str, channel: str, ts: str) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM messages WHERE team = ? AND channel = ? AND ts = ?", (team, channel, ts))

    def page(
        self, team: str, channel: str, *, thread_ts: str = "", oldest: str = "", latest: str = ""
    ) -> list[JsonObject]:
        """A channel's messages newest first, or a thread's oldest first, its parent included."""
        if thread_ts:
            rows = self._database.rows(
                "SELECT doc FROM messages WHERE team = ? AND channel = ? AND (ts = ? OR (thread_ts = ? AND ts > ?)) "
                "ORDER BY ts",
                (team, channel, thread_ts, thread_ts, oldest),
            )
        else:
            rows = self._database.rows(
                "SELECT doc FROM messages WHERE team = ? AND channel = ? AND ts > ? AND (? = '' OR ts < ?) "
                "AND (thread_ts = '' OR thread_ts = ts) ORDER BY ts DESC",
                (team, channel, oldest, latest, latest),
            )
        return [read_object(row["doc"]) for row in rows]

    def all(self, team: str, channel: str) -> list[JsonObject]:
        """All of a channel, oldest first, threads in between."""
        rows = self._database.rows(
            "SELECT doc FROM messages WHERE team = ? AND channel = ? ORDER BY ts", (team, channel)
        )
        return [read_object(row["doc"]) for row in rows]

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM messages")
