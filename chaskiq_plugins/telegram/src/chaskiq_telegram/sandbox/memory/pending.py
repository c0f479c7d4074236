"""Webhooks and the updates that wait for them, stored, so that a restart forgets neither."""

from collections.abc import Collection
from dataclasses import dataclass

from chaskiq_telegram.sandbox.delivering.updates import Lane
from chaskiq_telegram.sandbox.json_value import read_json, write_json
from chaskiq_telegram.sandbox.memory.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (
    bot_id INTEGER PRIMARY KEY, url TEXT NOT NULL, secret_token TEXT NOT NULL, max_connections INTEGER NOT NULL,
    ip_address TEXT, allowed_updates TEXT NOT NULL, last_error_at INTEGER, last_error TEXT);
CREATE TABLE IF NOT EXISTS updates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, bot_id INTEGER NOT NULL, queue TEXT NOT NULL,
    body TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS updates_by_lane ON updates (bot_id, queue, seq);
"""
DEFAULT_MAX_CONNECTIONS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a bot's updates go; a bot that never set one has one with an empty url."""

    url: str = ""
    secret_token: str = ""  # "" sends no secret header
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    ip_address: str | None = None  # kept and shown; deliveries go where the url says
    allowed_updates: tuple[str, ...] = ()  # () is Telegram's default set
    last_error_at: int | None = None  # unix time of the latest failed delivery
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingUpdate:
    """An update that was not taken yet."""

    seq: int  # its place in the order of arrival; update_id may be anything that was pushed
    body: str  # the request's body, byte for byte the same at each attempt
    expires_at: float  # unix time after which Telegram gives up


class Pending:
    """Reads and writes webhooks and waiting updates."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def webhook(self, bot_id: int) -> Webhook:
        row = self._database.row("SELECT * FROM webhooks WHERE bot_id = ?", (bot_id,))
        if row is None:
            return Webhook()
        allowed = read_json(row["allowed_updates"])
        return Webhook(
            url=row["url"],
            secret_token=row["secret_token"],
            max_connections=row["max_connections"],
            ip_address=row["ip_address"],
            allowed_updates=tuple(str(kind) for kind in allowed) if isinstance(allowed, list) else (),
            last_error_at=row["last_error_at"],
            last_error=row["last_error"],
        )

    def set_webhook(self, bot_id: int, webhook: Webhook) -> None:
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO webhooks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    bot_id,
                    webhook.url,
                    webhook.secret_token,
                    webhook.max_connections,
                    webhook.ip_address,
                    write_json(list(webhook.allowed_updates)),
                    webhook.last_error_at,
                    webhook.last_error,
                ),
            )

    def note_error(self, bot_id: int, *, at: float, error: str) -> None:
        """What getWebhookInfo tells about the latest failure."""
        with self._database.transaction():
            self._database.write(
                "UPDATE webhooks SET last_error_at = ?, last_error = ? WHERE bot_id = ?", (int(at), error, bot_id)
            )

    def add(self, lane: Lane, body: str, *, expires_at: float) -> None:
        """Put an update at the end of its lane."""
        with self._database.transaction():
            self._database.insert(
                "INSERT INTO updates (bot_id, queue, body, expires_at) VALUES (?, ?, ?, ?)",
                (lane.bot_id, lane.queue, body, expires_at),
            )

    def head(self, lane: Lane, *, behind: Collection[int] = ()) -> PendingUpdate | None:
        """The lane's oldest update, these left out."""
        row = self._database.row(
            "SELECT * FROM updates WHERE bot_id = ? AND queue = ? AND seq NOT IN (SELECT value FROM json_each(?)) "
            "ORDER BY seq LIMIT 1",
            (lane.bot_id, lane.queue, write_json(list(behind))),
        )
        return PendingUpdate(seq=row["seq"], body=row["body"], expires_at=row["expires_at"]) if row else None

    def remove(self, seq: int) -> None:
        """It was taken, or is too old."""
        with self._database.transaction():
            self._database.write("DELETE FROM updates WHERE seq = ?", (seq,))

    def lanes(self, bot_id: int | None = None) -> list[Lane]:
        """The lanes in which something waits; of all bots for None."""
        rows = self._database.rows(
            "SELECT DISTINCT bot_id, queue FROM updates WHERE ? IS NULL OR bot_id = ?", (bot_id, bot_id)
        )
        return [Lane(row["bot_id"], row["queue"]) for row in rows]

    def count(self, bot_id: int, *, now: float) -> int:
        """How many updates wait and are still young enough."""
        row = self._database.row(
            "SELECT count(*) AS waiting FROM updates WHERE bot_id = ? AND expires_at > ?", (bot_id, now)
        )
        return int(row["waiting"]) if row else 0

    def drop(self, bot_id: int) -> None:
        """Forget all that waits for this bot."""
        with self._database.transaction():
            self._database.write("DELETE FROM updates WHERE bot_id = ?", (bot_id,))

    def forget(self) -> None:
        """Forget every webhook and every waiting update."""
        with self._database.transaction():
            self._database.write("DELETE FROM webhooks")
            self._database.write("DELETE FROM updates")
