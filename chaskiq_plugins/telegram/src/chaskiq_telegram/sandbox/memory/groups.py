"""Groups: who is in them as what, their topics, and where they went when they were upgraded."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS members (
    space INTEGER, chat_id INTEGER, user_id INTEGER, status TEXT NOT NULL, PRIMARY KEY (space, chat_id, user_id));
CREATE TABLE IF NOT EXISTS topics (
    space INTEGER, chat_id INTEGER, thread_id INTEGER, name TEXT NOT NULL, is_closed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (space, chat_id, thread_id));
CREATE TABLE IF NOT EXISTS migrations (
    space INTEGER, chat_id INTEGER, new_chat_id INTEGER NOT NULL, PRIMARY KEY (space, chat_id));
"""
INSIDE = frozenset({"creator", "administrator", "member", "restricted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic of a forum."""

    thread_id: int  # the message_id of the service message that made it
    name: str
    is_closed: bool


class Groups:
    """Reads and writes what groups have beside their messages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def status(self, space: int, chat_id: int, user_id: int) -> str | None:
        """Somebody's status; None for one who was never seen there."""
        row = self._database.row(
            "SELECT status FROM members WHERE space = ? AND chat_id = ? AND user_id = ?", (space, chat_id, user_id)
        )
        return str(row["status"]) if row else None

    def is_inside(self, space: int, chat_id: int, user_id: int) -> bool:
        return self.status(space, chat_id, user_id) in INSIDE

    def set_status(self, space: int, chat_id: int, user_id: int, status: str) -> str | None:
        """Somebody is this from now on; what they were before."""
        with self._database.transaction():
            former = self.status(space, chat_id, user_id)
            self._database.write(
                "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", (space, chat_id, user_id, status)
            )
        return former

    def members(self, space: int, chat_id: int) -> dict[int, str]:
        """Everybody who was ever seen there, and what they are."""
        rows = self._database.rows(
            "SELECT user_id, status FROM members WHERE space = ? AND chat_id = ? ORDER BY rowid", (space, chat_id)
        )
        return {int(row["user_id"]): str(row["status"]) for row in rows}

    def chats_of(self, space: int, user_id: int) -> list[int]:
        """The groups that somebody is in."""
        rows = self._database.rows("SELECT * FROM members WHERE space = ? AND user_id = ?", (space, user_id))
        return [int(row["chat_id"]) for row in rows if row["status"] in INSIDE]

    def keep_topic(self, space: int, chat_id: int, topic: Topic) -> None:
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?, ?)",
                (space, chat_id, topic.thread_id, topic.name, topic.is_closed),
            )

    def topic(self, space: int, chat_id: int, thread_id: int) -> Topic | None:
        row = self._database.row(
            "SELECT * FROM topics WHERE space = ? AND chat_id = ? AND thread_id = ?", (space, chat_id, thread_id)
        )
        return _topic(row) if row else None

    def topics(self, space: int, chat_id: int) -> list[Topic]:
        rows = self._database.rows(
            "SELECT * FROM topics WHERE space = ? AND chat_id = ? ORDER BY thread_id", (space, chat_id)
        )
        return [_topic(row) for row in rows]

    def migrate(self, space: int, chat_id: int, new_chat_id: int) -> None:
        """The group lives on under another id, with the same people."""
        with self._database.transaction():
            self._database.write("INSERT OR REPLACE INTO migrations VALUES (?, ?, ?)", (space, chat_id, new_chat_id))
            self._database.write(
                "INSERT OR REPLACE INTO members SELECT space, ?, user_id, status FROM members "
                "WHERE space = ? AND chat_id = ?",
                (new_chat_id, space, chat_id),
            )

    def migrated_to(self, space: int, chat_id: int) -> int | None:
        row = self._database.row("SELECT new_chat_id FROM migrations WHERE space = ? AND chat_id = ?", (space, chat_id))
        return int(row["new_chat_id"]) if row else None

    def forget(self) -> None:
        with self._database.transaction():
            for table in ("members", "topics", "migrations"):
                self._database.write(f"DELETE FROM {table}")


def _topic(row: Row) -> Topic:
    return Topic(thread_id=row["thread_id"], name=row["name"], is_closed=bool(row["is_closed"]))
