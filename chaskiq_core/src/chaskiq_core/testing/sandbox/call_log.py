"""The log of calls: what was asked, what came of it, which messages it made. No token and no secret goes in."""

from collections.abc import Collection
from dataclasses import dataclass

from chaskiq_core.testing.sandbox.database import Database, Row
from chaskiq_core.testing.sandbox.json_value import Json, JsonObject, read_json, read_object, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS logged_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, account TEXT NOT NULL, method TEXT NOT NULL,
    parameters TEXT NOT NULL, is_accepted INTEGER NOT NULL, outcome TEXT NOT NULL, message_ids TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call."""

    at: float  # unix time
    account: str  # whose call it was: a bot, a phone number, a workspace
    method: str  # in the provider's spelling; of SMTP and IMAP the command
    parameters: JsonObject
    is_accepted: bool  # it was carried out, whatever the caller got to see of it
    outcome: JsonObject  # the answer without its result; with "fault" if one was in the way
    message_ids: tuple[str | int, ...] = ()  # the messages it made

    def as_json(self, call_id: int) -> JsonObject:
        return {
            "id": call_id,
            "at": self.at,
            "account": self.account,
            "method": self.method,
            "parameters": self.parameters,
            "accepted": self.is_accepted,
            "outcome": self.outcome,
            "message_ids": list[Json](self.message_ids),
        }


class CallLog:
    """Reads and writes the log."""

    def __init__(self, database: Database, *, secrets: Collection[str] = ()) -> None:
        """`secrets`: the parameters of which only the name is kept."""
        self._database = database
        self._secrets = frozenset(secrets)
        database.create(SCHEMA)

    def add(self, call: LoggedCall) -> None:
        shown: JsonObject = {name: "…" if name in self._secrets else value for name, value in call.parameters.items()}
        with self._database.transaction():
            self._database.insert(
                "INSERT INTO logged_calls (at, account, method, parameters, is_accepted, outcome, message_ids) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    call.at,
                    call.account,
                    call.method,
                    write_json(shown),
                    call.is_accepted,
                    write_json(call.outcome),
                    write_json(list(call.message_ids)),
                ),
            )

    def entries(
        self, *, after: int = 0, method: str | None = None, is_accepted: bool | None = None, account: str | None = None
    ) -> list[JsonObject]:
        """The calls with a larger id, in order; all that match what is given."""
        rows = self._database.rows(
            "SELECT * FROM logged_calls WHERE id > ? AND lower(coalesce(?, method)) = lower(method) "
            "AND coalesce(?, is_accepted) = is_accepted AND coalesce(?, account) = account ORDER BY id",
            (after, method, is_accepted, account),
        )
        return [_call(row).as_json(row["id"]) for row in rows]

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM logged_calls")


def _call(row: Row) -> LoggedCall:
    message_ids = read_json(row["message_ids"])
    return LoggedCall(
        at=row["at"],
        account=row["account"],
        method=row["method"],
        parameters=read_object(row["parameters"]),
        is_accepted=bool(row["is_accepted"]),
        outcome=read_object(row["outcome"]),
        message_ids=tuple(each for each in message_ids if isinstance(each, str | int))
        if isinstance(message_ids, list)
        else (),
    )
