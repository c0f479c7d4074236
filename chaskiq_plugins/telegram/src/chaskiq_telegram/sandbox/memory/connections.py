"""Business connections: the accounts that let a bot write for them."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, JsonObject, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS connections (
    number INTEGER PRIMARY KEY AUTOINCREMENT, connection_id TEXT NOT NULL UNIQUE, bot_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL, at INTEGER NOT NULL, can_reply INTEGER NOT NULL, is_enabled INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A person's account, as a bot may use it."""

    number: int
    connection_id: str
    bot_id: int
    user_id: int  # whose account it is
    at: int  # unix time
    can_reply: bool
    is_enabled: bool

    @property
    def space(self) -> int:
        """Where its chats are kept: the account's, not the bot's, though their ids may be the same."""
        return -self.number

    def as_json(self, user: JsonObject) -> JsonObject:
        """As the Bot API shows it."""
        rights: JsonObject = {"can_reply": True} if self.can_reply else {}
        return {
            "id": self.connection_id,
            "user": user,
            "user_chat_id": self.user_id,
            "date": self.at,
            "can_reply": self.can_reply,
            "rights": rights,
            "is_enabled": self.is_enabled,
        }


class Connections:
    """Reads and writes business connections."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def keep(
        self, connection_id: str, *, bot_id: int, user_id: int, at: int, can_reply: bool, is_enabled: bool
    ) -> Connection:
        """The connection, new or changed."""
        with self._database.transaction():
            self._database.write(
                "INSERT INTO connections (connection_id, bot_id, user_id, at, can_reply, is_enabled) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (connection_id) "
                "DO UPDATE SET can_reply = excluded.can_reply, is_enabled = excluded.is_enabled",
                (connection_id, bot_id, user_id, at, can_reply, is_enabled),
            )
            kept = self.find(bot_id, connection_id)
        assert kept is not None, "it was written in this transaction"
        return kept

    def find(self, bot_id: int, connection_id: str) -> Connection | None:
        row = self._database.row(
            "SELECT * FROM connections WHERE bot_id = ? AND connection_id = ?", (bot_id, connection_id)
        )
        return _connection(row) if row else None

    def all(self, bot_id: int) -> list[Connection]:
        rows = self._database.rows("SELECT * FROM connections WHERE bot_id = ? ORDER BY number", (bot_id,))
        return [_connection(row) for row in rows]

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM connections")


def _connection(row: Row) -> Connection:
    return Connection(
        number=row["number"],
        connection_id=row["connection_id"],
        bot_id=row["bot_id"],
        user_id=row["user_id"],
        at=row["at"],
        can_reply=bool(row["can_reply"]),
        is_enabled=bool(row["is_enabled"]),
    )
