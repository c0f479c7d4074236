"""The log of Bot API calls: what was asked, what came of it, which messages it made. No token and no secret goes in."""

from dataclasses import dataclass

from chaskiq_telegram.sandbox.json_value import JsonObject, read_json, read_object, write_json
from chaskiq_telegram.sandbox.memory.database import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, bot_id INTEGER NOT NULL, method TEXT NOT NULL,
    parameters TEXT NOT NULL, is_accepted INTEGER NOT NULL, outcome TEXT NOT NULL, message_ids TEXT NOT NULL);
"""
SECRETS = frozenset({"secret_token", "certificate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call."""

    at: float  # unix time
    bot_id: int
    method: str  # in Telegram's spelling
    parameters: JsonObject
    is_accepted: bool  # it was carried out, whatever the caller got to see of it
    outcome: JsonObject  # the answer without its result; with "fault" if one was in the way
    message_ids: tuple[int, ...] = ()  # the messages it made

    def as_json(self, call_id: int) -> JsonObject:
        return {
            "id": call_id,
            "at": self.at,
            "bot_id": self.bot_id,
            "method": self.method,
            "parameters": self.parameters,
            "accepted": self.is_accepted,
            "outcome": self.outcome,
            "message_ids": list(self.message_ids),
        }


class CallLog:
    """Reads and writes the log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, call: LoggedCall) -> None:
        shown: JsonObject = {name: "…" if name in SECRETS else value for name, value in call.parameters.items()}
        with self._database.transaction():
            self._database.insert(
                "INSERT INTO calls (at, bot_id, method, parameters, is_accepted, outcome, message_ids) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    call.at,
                    call.bot_id,
                    call.method,
                    write_json(shown),
                    call.is_accepted,
                    write_json(call.outcome),
                    write_json(list(call.message_ids)),
                ),
            )

    def entries(
        self, *, after: int = 0, method: str | None = None, is_accepted: bool | None = None, bot_id: int | None = None
    ) -> list[JsonObject]:
        """The calls with a larger id, in order; all that match what is given."""
        rows = self._database.rows(
            "SELECT * FROM calls WHERE id > ? AND lower(coalesce(?, method)) = lower(method) "
            "AND coalesce(?, is_accepted) = is_accepted AND coalesce(?, bot_id) = bot_id ORDER BY id",
            (after, method, is_accepted, bot_id),
        )
        return [_call(row).as_json(row["id"]) for row in rows]

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM calls")


def _call(row: Row) -> LoggedCall:
    message_ids = read_json(row["message_ids"])
    return LoggedCall(
        at=row["at"],
        bot_id=row["bot_id"],
        method=row["method"],
        parameters=read_object(row["parameters"]),
        is_accepted=bool(row["is_accepted"]),
        outcome=read_object(row["outcome"]),
        message_ids=tuple(number for number in message_ids if isinstance(number, int))
        if isinstance(message_ids, list)
        else (),
    )
