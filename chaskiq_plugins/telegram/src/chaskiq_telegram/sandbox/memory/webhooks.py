"""Webhooks that bots have set, stored, so that a restart forgets none."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, read_json, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (
    bot_id INTEGER PRIMARY KEY, url TEXT NOT NULL, secret_token TEXT NOT NULL, max_connections INTEGER NOT NULL,
    ip_address TEXT, allowed_updates TEXT NOT NULL, last_error_at INTEGER, last_error TEXT);
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


class Webhooks:
    """Reads and writes webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def of_bot(self, bot_id: int) -> Webhook:
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

    def keep(self, bot_id: int, webhook: Webhook) -> None:
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

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM webhooks")
