"""What Telegram knows: bots, people, chats, messages. Ids only ever rise, over restarts and resets."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, Json, JsonObject, Row, read_object, write_json
from chaskiq_telegram.sandbox.ids import integer_at
from chaskiq_telegram.sandbox.memory.bots import Bots
from chaskiq_telegram.sandbox.memory.messages import Messages

SCHEMA = """
CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, profile TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats (
    bot_id INTEGER, chat_id INTEGER, chat TEXT NOT NULL, is_blocked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bot_id, chat_id));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat that a bot can see."""

    id: int
    space: int  # under which its messages are kept
    chat: JsonObject  # as updates show it
    is_blocked: bool  # the person has blocked the bot


class State(Bots, Messages):
    """Reads and writes what Telegram knows.

    A chat is kept under the bot that sees it; that of a business account under the account's connection instead. The
    number that says which is called space elsewhere.
    """

    def __init__(self, database: Database) -> None:
        Bots.__init__(self, database)
        Messages.__init__(self, database)
        database.create(SCHEMA)

    def keep_person(self, profile: Mapping[str, Json]) -> JsonObject:
        """The person's whole profile after these fields were added; it needs an integer `id`."""
        person_id = integer_at(profile, "id") or 0
        with self._database.transaction():
            kept = (self.person(person_id) or {}) | dict(profile)
            self._database.write(
                "INSERT INTO people VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET profile = excluded.profile",
                (person_id, write_json(kept)),
            )
        return kept

    def person(self, person_id: int) -> JsonObject | None:
        row = self._database.row("SELECT profile FROM people WHERE id = ?", (person_id,))
        return read_object(row["profile"]) if row else None

    def keep_chat(self, bot_id: int, chat: JsonObject) -> Chat:
        """The chat as the bot sees it from now on; it needs an integer `id`."""
        chat_id = integer_at(chat, "id") or 0
        with self._database.transaction():
            kept = self._database.row(
                "INSERT INTO chats (bot_id, chat_id, chat) VALUES (?, ?, ?) "
                "ON CONFLICT (bot_id, chat_id) DO UPDATE SET chat = excluded.chat RETURNING is_blocked",
                (bot_id, chat_id, write_json(chat)),
            )
        return Chat(id=chat_id, space=bot_id, chat=chat, is_blocked=kept is not None and bool(kept["is_blocked"]))

    def chat(self, bot_id: int, chat_id: int) -> Chat | None:
        row = self._database.row("SELECT * FROM chats WHERE bot_id = ? AND chat_id = ?", (bot_id, chat_id))
        return _chat(row) if row else None

    def chats(self, bot_id: int) -> list[Chat]:
        return [_chat(row) for row in self._database.rows("SELECT * FROM chats WHERE bot_id = ?", (bot_id,))]

    def set_blocked(self, bot_id: int, chat_id: int, *, is_blocked: bool) -> bool:
        """Whether that changed anything."""
        with self._database.transaction():
            changed = self._database.write(
                "UPDATE chats SET is_blocked = ? WHERE bot_id = ? AND chat_id = ? AND is_blocked <> ?",
                (is_blocked, bot_id, chat_id, is_blocked),
            )
        return changed > 0

    def forget(self) -> None:
        """Forget people, chats and messages; bots, tokens and the counters stay."""
        with self._database.transaction():
            for table in ("people", "chats", "messages", "deleted_messages"):
                self._database.write(f"DELETE FROM {table}")


def _chat(row: Row) -> Chat:
    return Chat(
        id=row["chat_id"], space=row["bot_id"], chat=read_object(row["chat"]), is_blocked=bool(row["is_blocked"])
    )
