"""What stands below a chat's messages: the bot's reply keyboard, and for a few seconds what it is doing."""

from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Database, JsonObject, read_object, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS reply_keyboards (
    space INTEGER, chat_id INTEGER, keyboard TEXT NOT NULL, PRIMARY KEY (space, chat_id));
"""
ACTION_SECONDS = 5.0  # Telegram shows an action no longer


@dataclass(frozen=True, slots=True)
class Action:
    """What the bot is doing."""

    action: str  # typing, upload_photo, …
    until: float  # unix time


class Footers:
    """Keyboards are stored; actions are over before a restart could matter."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._actions: dict[tuple[int, int], Action] = {}
        database.create(SCHEMA)

    def set_keyboard(self, space: int, chat_id: int, keyboard: JsonObject | None) -> None:
        """Show this keyboard, or none."""
        with self._database.transaction():
            if keyboard is None:
                self._database.write("DELETE FROM reply_keyboards WHERE space = ? AND chat_id = ?", (space, chat_id))
            else:
                self._database.write(
                    "INSERT OR REPLACE INTO reply_keyboards VALUES (?, ?, ?)", (space, chat_id, write_json(keyboard))
                )

    def keyboard(self, space: int, chat_id: int) -> JsonObject | None:
        row = self._database.row(
            "SELECT keyboard FROM reply_keyboards WHERE space = ? AND chat_id = ?", (space, chat_id)
        )
        return read_object(row["keyboard"]) if row else None

    def act(self, space: int, chat_id: int, action: str, *, now: float) -> None:
        """The bot is doing this, for the next seconds."""
        self._actions[space, chat_id] = Action(action, now + ACTION_SECONDS)

    def rest(self, space: int, chat_id: int) -> bool:
        """The bot has done it; whether it was at work."""
        return self._actions.pop((space, chat_id), None) is not None

    def action(self, space: int, chat_id: int, *, now: float) -> JsonObject | None:
        """What the bot is doing now, and for how long that is shown yet."""
        found = self._actions.get((space, chat_id))
        if found is None or found.until <= now:
            return None
        return {"action": found.action, "seconds_left": round(found.until - now, 3)}

    def forget(self) -> None:
        self._actions.clear()
        with self._database.transaction():
            self._database.write("DELETE FROM reply_keyboards")
