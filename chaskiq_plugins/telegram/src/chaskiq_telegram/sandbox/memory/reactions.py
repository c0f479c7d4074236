"""Who reacts to which message with what."""

from chaskiq_core.testing.sandbox import Database, Json, JsonObject, read_json, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS reactions (
    space INTEGER, chat_id INTEGER, message_id INTEGER, actor_id INTEGER, reactions TEXT NOT NULL,
    PRIMARY KEY (space, chat_id, message_id, actor_id));
"""


class Reactions:
    """Reads and writes reactions; everybody has a list for each message."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def replace(self, space: int, chat_id: int, message_id: int, actor_id: int, reactions: list[Json]) -> list[Json]:
        """Set somebody's list; the former one."""
        place = (space, chat_id, message_id, actor_id)
        with self._database.transaction():
            row = self._database.row(
                "SELECT reactions FROM reactions WHERE space = ? AND chat_id = ? AND message_id = ? AND actor_id = ?",
                place,
            )
            self._database.write(
                "INSERT OR REPLACE INTO reactions VALUES (?, ?, ?, ?, ?)", (*place, write_json(reactions))
            )
        former = read_json(row["reactions"]) if row else []
        return former if isinstance(former, list) else []

    def shown(self, space: int, chat_id: int, message_id: int) -> list[Json]:
        """Every reaction with those who chose it, in the order of their coming."""
        rows = self._database.rows(
            "SELECT * FROM reactions WHERE space = ? AND chat_id = ? AND message_id = ? ORDER BY rowid",
            (space, chat_id, message_id),
        )
        by_emoji: dict[str, list[Json]] = {}
        for row in rows:
            chosen = read_json(row["reactions"])
            for reaction in chosen if isinstance(chosen, list) else []:
                if isinstance(reaction, dict):
                    by_emoji.setdefault(str(reaction.get("emoji", "★")), []).append(row["actor_id"])
        return [JsonObject(emoji=emoji, by=actors) for emoji, actors in by_emoji.items()]

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM reactions")
