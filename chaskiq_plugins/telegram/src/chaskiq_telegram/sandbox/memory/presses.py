"""Presses of inline buttons: the queries that bots have to answer, and their answers."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, JsonObject, object_at, read_object, write_json
from chaskiq_telegram.sandbox.ids import integer_at

SCHEMA = """
CREATE TABLE IF NOT EXISTS presses (
    query_id TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, space INTEGER NOT NULL, chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL, at REAL NOT NULL, answer TEXT);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of a button."""

    query_id: str
    bot_id: int
    space: int
    chat_id: int
    message_id: int
    at: float  # unix time
    answer: JsonObject | None = None  # what answerCallbackQuery said; None: nothing yet


class Presses:
    """Reads and writes presses."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, press: Press) -> None:
        with self._database.transaction():
            self._database.write(
                "INSERT INTO presses VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (press.query_id, press.bot_id, press.space, press.chat_id, press.message_id, press.at),
            )

    def add_raw(self, query_id: str, bot_id: int, message: JsonObject, *, at: float) -> None:
        """A press that came as a raw update; one of the same id takes its place."""
        chat_id = integer_at(object_at(message, "chat"), "id") or 0
        message_id = integer_at(message, "message_id") or 0
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO presses VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (query_id, bot_id, bot_id, chat_id, message_id, at),
            )

    def find(self, bot_id: int, query_id: str) -> Press | None:
        row = self._database.row("SELECT * FROM presses WHERE bot_id = ? AND query_id = ?", (bot_id, query_id))
        if row is None:
            return None
        return Press(
            query_id=row["query_id"],
            bot_id=row["bot_id"],
            space=row["space"],
            chat_id=row["chat_id"],
            message_id=row["message_id"],
            at=row["at"],
            answer=read_object(row["answer"]) if row["answer"] else None,
        )

    def answer(self, query_id: str, answer: JsonObject) -> None:
        with self._database.transaction():
            self._database.write("UPDATE presses SET answer = ? WHERE query_id = ?", (write_json(answer), query_id))

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM presses")
