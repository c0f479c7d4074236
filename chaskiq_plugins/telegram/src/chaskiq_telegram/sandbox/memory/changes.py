"""The order in which messages and chats changed: one number that only rises, so that a reader misses nothing."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS changes (
    space INTEGER, chat_id INTEGER, message_id INTEGER, change INTEGER NOT NULL,
    PRIMARY KEY (space, chat_id, message_id));
CREATE TABLE IF NOT EXISTS change_counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
OF_CHAT = 0  # stands for the chat itself where a message_id is asked for


@dataclass(frozen=True, slots=True)
class Since:
    """What a reader has not seen."""

    latest: int  # to ask for what comes after
    is_everything: bool  # the reader knew an earlier sandbox, or one before a reset: it must forget what it knows
    message_ids: frozenset[int]


class Changes:
    """Counts changes. Starts at the time of its making, so a reader of an earlier sandbox is found out."""

    def __init__(self, database: Database, *, now: float) -> None:
        self._database = database
        database.create(SCHEMA)
        with database.transaction():
            for name in ("first", "latest"):
                database.write("INSERT OR IGNORE INTO change_counters VALUES (?, ?)", (name, int(now * 1000)))

    def note(self, space: int, chat_id: int, message_id: int = OF_CHAT) -> None:
        """This message, or this chat, is not what it was."""
        with self._database.transaction():
            self._database.write("UPDATE change_counters SET value = value + 1 WHERE name = 'latest'")
            self._database.write(
                "INSERT OR REPLACE INTO changes SELECT ?, ?, ?, value FROM change_counters WHERE name = 'latest'",
                (space, chat_id, message_id),
            )

    def of_message(self, space: int, chat_id: int, message_id: int) -> int:
        """The number of its latest change; 0 if it never had one."""
        row = self._database.row(
            "SELECT change FROM changes WHERE space = ? AND chat_id = ? AND message_id = ?",
            (space, chat_id, message_id),
        )
        return int(row["change"]) if row else 0

    def since(self, space: int, chat_id: int, seen: int) -> Since:
        """What changed in this chat behind the number that a reader has."""
        latest = self._value("latest")
        is_everything = not self._value("first") <= seen <= latest
        rows = self._database.rows(
            "SELECT message_id FROM changes WHERE space = ? AND chat_id = ? AND change > ?",
            (space, chat_id, 0 if is_everything else seen),
        )
        return Since(latest, is_everything, frozenset(int(row["message_id"]) for row in rows))

    def latest_of(self, space: int, chat_id: int) -> int:
        """The chat's latest change."""
        row = self._database.row(
            "SELECT max(change) AS change FROM changes WHERE space = ? AND chat_id = ?", (space, chat_id)
        )
        return int(row["change"] or 0) if row else 0

    def forget(self) -> None:
        """Who read before must start anew."""
        with self._database.transaction():
            self._database.write("DELETE FROM changes")
            self._database.write("UPDATE change_counters SET value = value + 1 WHERE name = 'latest'")
            self._database.write("UPDATE change_counters SET value = ? WHERE name = 'first'", (self._value("latest"),))

    def _value(self, name: str) -> int:
        row = self._database.row("SELECT value FROM change_counters WHERE name = ?", (name,))
        return int(row["value"]) if row else 0
