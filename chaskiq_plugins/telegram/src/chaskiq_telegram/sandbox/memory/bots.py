"""Bots, the tokens that open them, and their next update_id."""

import random
import re
from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, JsonObject, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS bots (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, username TEXT NOT NULL, next_update_id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, is_revoked INTEGER NOT NULL DEFAULT 0);
"""
# Telegram's tokens have 35 characters behind the colon; a little room for invented ones
TOKEN = re.compile(r"(?P<bot_id>[1-9][0-9]{2,15}):[A-Za-z0-9_-]{30,50}")


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


class Bots:
    """Reads and writes bots."""

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


def _bot(row: Row) -> Bot:
    return Bot(id=row["id"], first_name=row["first_name"], username=row["username"])
