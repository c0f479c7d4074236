"""Messages of both sides: what they are, which are deleted, and the next message_id of every chat."""

import random
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chaskiq_core.testing.sandbox import Database, JsonObject, Row, read_object, write_json
from chaskiq_telegram.sandbox.ids import integer_at

SCHEMA = """
CREATE TABLE IF NOT EXISTS message_ids (
    bot_id INTEGER, chat_id INTEGER, next_id INTEGER NOT NULL, PRIMARY KEY (bot_id, chat_id));
CREATE TABLE IF NOT EXISTS messages (
    bot_id INTEGER, chat_id INTEGER, message_id INTEGER, direction TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (bot_id, chat_id, message_id));
CREATE TABLE IF NOT EXISTS deleted_messages (
    bot_id INTEGER, chat_id INTEGER, message_id INTEGER, PRIMARY KEY (bot_id, chat_id, message_id));
"""
WITH_DELETED = (
    "SELECT * FROM (SELECT messages.*, deleted_messages.message_id IS NOT NULL AS is_deleted FROM messages "
    "LEFT JOIN deleted_messages USING (bot_id, chat_id, message_id))"
)

Direction: TypeAlias = Literal["customer", "bot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message of either side; `message` is the Bot API's object, whatever content it has."""

    message_id: int
    direction: Direction
    message: JsonObject
    is_deleted: bool = False


class Messages:
    """Reads and writes messages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def take_message_id(self, bot_id: int, chat_id: int) -> int:
        """The chat's next message_id, used up."""
        with self._database.transaction():
            row = self._database.row(
                "SELECT next_id FROM message_ids WHERE bot_id = ? AND chat_id = ?", (bot_id, chat_id)
            )
            taken = int(row["next_id"]) if row else random.randint(10, 9_000)
            self._keep_next_message_id(bot_id, chat_id, taken + 1)
        return taken

    def keep_message(self, bot_id: int, chat_id: int, direction: Direction, message: JsonObject) -> StoredMessage:
        """Store a message under its `message_id`; a later one under the same id takes its place."""
        message_id = integer_at(message, "message_id") or 0
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?)",
                (bot_id, chat_id, message_id, direction, write_json(message)),
            )
            self._keep_next_message_id(bot_id, chat_id, message_id + 1)
        return StoredMessage(message_id=message_id, direction=direction, message=message)

    def message(self, bot_id: int, chat_id: int, message_id: int) -> StoredMessage | None:
        """The message; None if there is none, or no more."""
        row = self._database.row(
            f"{WITH_DELETED} WHERE bot_id = ? AND chat_id = ? AND message_id = ? AND NOT is_deleted",
            (bot_id, chat_id, message_id),
        )
        return _message(row) if row else None

    def delete_message(self, bot_id: int, chat_id: int, message_id: int) -> None:
        """The message is gone; only `conversation` still shows what it was."""
        with self._database.transaction():
            self._database.write(
                "INSERT OR IGNORE INTO deleted_messages VALUES (?, ?, ?)", (bot_id, chat_id, message_id)
            )

    def conversation(self, bot_id: int, chat_id: int, *, after: int = 0) -> list[StoredMessage]:
        """Both sides' messages with a larger message_id, in order, the deleted ones too."""
        rows = self._database.rows(
            f"{WITH_DELETED} WHERE bot_id = ? AND chat_id = ? AND message_id > ? ORDER BY message_id",
            (bot_id, chat_id, after),
        )
        return [_message(row) for row in rows]

    def last_message(self, bot_id: int, chat_id: int) -> StoredMessage | None:
        """The latest message that is still there."""
        row = self._database.row(
            f"{WITH_DELETED} WHERE bot_id = ? AND chat_id = ? AND NOT is_deleted ORDER BY message_id DESC LIMIT 1",
            (bot_id, chat_id),
        )
        return _message(row) if row else None

    def _keep_next_message_id(self, bot_id: int, chat_id: int, next_id: int) -> None:
        self._database.write(
            "INSERT INTO message_ids VALUES (?, ?, ?) "
            "ON CONFLICT (bot_id, chat_id) DO UPDATE SET next_id = max(next_id, excluded.next_id)",
            (bot_id, chat_id, next_id),
        )


def without_answered(message: JsonObject) -> JsonObject:
    """The message as another one shows it: without the message that it answers in turn."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def _message(row: Row) -> StoredMessage:
    direction: Direction = "bot" if row["direction"] == "bot" else "customer"
    return StoredMessage(
        message_id=row["message_id"],
        direction=direction,
        message=read_object(row["message"]),
        is_deleted=bool(row["is_deleted"]),
    )
