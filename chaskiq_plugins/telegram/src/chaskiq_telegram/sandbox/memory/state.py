"""What Telegram knows: bots and their tokens, people, chats, messages. Ids only ever rise, over restarts and resets."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chaskiq_telegram.sandbox.json_value import Json, JsonObject, integer_at, read_object, write_json
from chaskiq_telegram.sandbox.memory.database import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS bots (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, username TEXT NOT NULL, next_update_id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, is_revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, profile TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats (
    bot_id INTEGER, chat_id INTEGER, chat TEXT NOT NULL, is_blocked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bot_id, chat_id));
CREATE TABLE IF NOT EXISTS message_ids (
    bot_id INTEGER, chat_id INTEGER, next_id INTEGER NOT NULL, PRIMARY KEY (bot_id, chat_id));
CREATE TABLE IF NOT EXISTS messages (
    bot_id INTEGER, chat_id INTEGER, message_id INTEGER, direction TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (bot_id, chat_id, message_id));
CREATE TABLE IF NOT EXISTS deleted_messages (
    bot_id INTEGER, chat_id INTEGER, message_id INTEGER, PRIMARY KEY (bot_id, chat_id, message_id));
"""
# Telegram's tokens have 35 characters behind the colon; a little room for invented ones
TOKEN = re.compile(r"(?P<bot_id>[1-9][0-9]{2,15}):[A-Za-z0-9_-]{30,50}")

WITH_DELETED = (
    "SELECT * FROM (SELECT messages.*, deleted_messages.message_id IS NOT NULL AS is_deleted FROM messages "
    "LEFT JOIN deleted_messages USING (bot_id, chat_id, message_id))"
)

Direction: TypeAlias = Literal["customer", "bot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot that a token opens."""

    id: int
    first_name: str
    username: str

    @property
    def user(self) -> JsonObject:
        """The bot as the sender of a message."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat that a bot can see."""

    id: int
    space: int  # under which its messages are kept
    chat: JsonObject  # as updates show it
    is_blocked: bool  # the person has blocked the bot


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message of either side; `message` is the Bot API's object, whatever content it has."""

    message_id: int
    direction: Direction
    message: JsonObject
    is_deleted: bool = False


class State:
    """Reads and writes what Telegram knows.

    A chat is kept under the bot that sees it; that of a business account under the account's connection instead. The
    number that says which is called space elsewhere.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add_bot(self, token: str, *, first_name: str | None = None, username: str | None = None) -> Bot:
        """The bot of this token from now on; ValueError for a token of the wrong form."""
        found = TOKEN.fullmatch(token)
        if not found:
            raise ValueError("a bot token looks like 123456789:AAExampleExampleExampleExampleExam")
        bot_id = int(found["bot_id"])
        with self._database.transaction():
            self._database.write(
                "INSERT INTO bots VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (bot_id, "Sandbox Bot", f"sandbox_{bot_id}_bot", random.randint(100_000_000, 900_000_000)),
            )
            self._database.write(
                "UPDATE bots SET first_name = coalesce(?, first_name), username = coalesce(?, username) WHERE id = ?",
                (first_name, username, bot_id),
            )
            self._database.write("INSERT INTO tokens VALUES (?, ?, 0) ON CONFLICT (token) DO NOTHING", (token, bot_id))
            row = self._database.row("SELECT * FROM bots WHERE id = ?", (bot_id,))
        assert row is not None, "the bot was written in this transaction"
        return _bot(row)

    def bot_of(self, token: str) -> Bot | None:
        """The bot that this token opens; None if it is unknown or revoked."""
        row = self._database.row(
            "SELECT bots.* FROM bots JOIN tokens ON bots.id = tokens.bot_id WHERE token = ? AND NOT is_revoked",
            (token,),
        )
        return _bot(row) if row else None

    def is_taken(self, token: str) -> bool:
        """Whether this token was revoked, or its bot answers to another one."""
        found = TOKEN.fullmatch(token)
        sql = "SELECT 1 FROM tokens WHERE (token = ? AND is_revoked) OR (bot_id = ? AND NOT is_revoked)"
        return found is not None and self._database.row(sql, (token, int(found["bot_id"]))) is not None

    def revoke(self, token: str) -> None:
        """The token opens nothing any more; its bot may get a new one."""
        with self._database.transaction():
            self._database.write("UPDATE tokens SET is_revoked = 1 WHERE token = ?", (token,))

    def bots(self) -> list[tuple[str, Bot]]:
        """Every token that opens something, with its bot."""
        rows = self._database.rows(
            "SELECT bots.*, token FROM bots JOIN tokens ON bots.id = tokens.bot_id WHERE NOT is_revoked "
            "ORDER BY tokens.rowid"
        )
        return [(str(row["token"]), _bot(row)) for row in rows]

    def is_bot(self, user_id: int) -> bool:
        return self._database.row("SELECT 1 FROM bots WHERE id = ?", (user_id,)) is not None

    def take_update_id(self, bot_id: int) -> int:
        """The bot's next update_id, used up."""
        with self._database.transaction():
            row = self._database.row("SELECT next_update_id FROM bots WHERE id = ?", (bot_id,))
            taken = int(row["next_update_id"]) if row else 1
            self._database.write("UPDATE bots SET next_update_id = ? WHERE id = ?", (taken + 1, bot_id))
        return taken

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

    def forget(self) -> None:
        """Forget people, chats and messages; bots, tokens and the counters stay."""
        with self._database.transaction():
            for table in ("people", "chats", "messages", "deleted_messages"):
                self._database.write(f"DELETE FROM {table}")

    def _keep_next_message_id(self, bot_id: int, chat_id: int, next_id: int) -> None:
        self._database.write(
            "INSERT INTO message_ids VALUES (?, ?, ?) "
            "ON CONFLICT (bot_id, chat_id) DO UPDATE SET next_id = max(next_id, excluded.next_id)",
            (bot_id, chat_id, next_id),
        )


def _bot(row: Row) -> Bot:
    return Bot(id=row["id"], first_name=row["first_name"], username=row["username"])


def _chat(row: Row) -> Chat:
    return Chat(
        id=row["chat_id"], space=row["bot_id"], chat=read_object(row["chat"]), is_blocked=bool(row["is_blocked"])
    )


def _message(row: Row) -> StoredMessage:
    direction: Direction = "bot" if row["direction"] == "bot" else "customer"
    return StoredMessage(
        message_id=row["message_id"],
        direction=direction,
        message=read_object(row["message"]),
        is_deleted=bool(row["is_deleted"]),
    )


def without_answered(message: JsonObject) -> JsonObject:
    """The message as another one shows it: without the message that it answers in turn."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}
