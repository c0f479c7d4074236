"""The messages of each chat, in order, with how far they got."""

from base64 import b64encode
from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, JsonObject, Row, read_object, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, number_id TEXT NOT NULL, chat TEXT NOT NULL, wamid TEXT NOT NULL UNIQUE,
    is_outgoing INTEGER NOT NULL, status TEXT NOT NULL, at REAL NOT NULL, message TEXT NOT NULL,
    reactions TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_by_chat ON messages (number_id, chat, seq);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message."""

    wamid: str
    chat: str  # the customer's phone
    is_outgoing: bool  # the business wrote it
    status: str  # of an outgoing one: accepted, sent, delivered, read, failed
    at: float  # unix time
    message: JsonObject  # in the Cloud API's own shape, without whom it is from and to
    reactions: JsonObject  # who → emoji: "customer" and "business"

    def shown(self) -> JsonObject:
        return {
            "id": self.wamid,
            "direction": "out" if self.is_outgoing else "in",
            "status": self.status,
            "timestamp": int(self.at),
            "reactions": self.reactions,
            **self.message,
        }


class Messages:
    """Reads and writes messages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, number_id: str, chat: str, message: JsonObject, *, is_outgoing: bool, at: float) -> Message:
        """A new message, with an id as Meta's."""
        with self._database.transaction():
            seq = self._database.insert(
                "INSERT INTO messages (number_id, chat, wamid, is_outgoing, status, at, message, reactions) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, '{}')",
                (number_id, chat, f"new {at} {id(message)}", is_outgoing, "accepted", at, write_json(message)),
            )
            wamid = "wamid." + b64encode(f"{chat}\x15\x02{number_id}:{seq:08d}".encode()).decode()
            self._database.write("UPDATE messages SET wamid = ? WHERE seq = ?", (wamid, seq))
        return self.require(wamid)

    def find(self, wamid: str) -> Message | None:
        row = self._database.row("SELECT * FROM messages WHERE wamid = ?", (wamid,))
        return _message(row) if row else None

    def require(self, wamid: str) -> Message:
        found = self.find(wamid)
        assert found is not None
        return found

    def of_chat(self, number_id: str, chat: str) -> list[Message]:
        rows = self._database.rows(
            "SELECT * FROM messages WHERE number_id = ? AND chat = ? ORDER BY seq", (number_id, chat)
        )
        return [_message(row) for row in rows]

    def set_status(self, wamid: str, status: str) -> None:
        with self._database.transaction():
            self._database.write("UPDATE messages SET status = ? WHERE wamid = ?", (status, wamid))

    def react(self, wamid: str, who: str, emoji: str) -> None:
        """Put, replace or take away somebody's reaction."""
        found = self.require(wamid)
        kept: JsonObject = {name: one for name, one in found.reactions.items() if name != who}
        if emoji:
            kept[who] = emoji
        with self._database.transaction():
            self._database.write("UPDATE messages SET reactions = ? WHERE wamid = ?", (write_json(kept), wamid))

    def move(self, number_id: str, chat: str, new: str) -> None:
        """The chat goes on under another number."""
        with self._database.transaction():
            self._database.write(
                "UPDATE messages SET chat = ? WHERE number_id = ? AND chat = ?", (new, number_id, chat)
            )

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM messages")


def _message(row: Row) -> Message:
    return Message(
        wamid=row["wamid"],
        chat=row["chat"],
        is_outgoing=bool(row["is_outgoing"]),
        status=row["status"],
        at=row["at"],
        message=read_object(row["message"]),
        reactions=read_object(row["reactions"]),
    )
