"""Things by kind, account and name, each a JSON object: what most of the sandbox's memory is."""

from chaskiq_core.testing.sandbox import Database, JsonObject, read_object, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (kind, account, name));
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Records:
    """Reads and writes things."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def get(self, kind: str, account: str, name: str) -> JsonObject | None:
        row = self._database.row(
            "SELECT data FROM records WHERE kind = ? AND account = ? AND name = ?", (kind, account, name)
        )
        return read_object(row["data"]) if row else None

    def all(self, kind: str, account: str) -> list[JsonObject]:
        """In the order in which they came."""
        rows = self._database.rows(
            "SELECT data FROM records WHERE kind = ? AND account = ? ORDER BY rowid", (kind, account)
        )
        return [read_object(row["data"]) for row in rows]

    def names(self, kind: str, account: str) -> list[str]:
        rows = self._database.rows("SELECT name FROM records WHERE kind = ? AND account = ?", (kind, account))
        return [row["name"] for row in rows]

    def put(self, kind: str, account: str, name: str, data: JsonObject) -> None:
        with self._database.transaction():
            self._database.write(
                "INSERT INTO records (kind, account, name, data) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, account, name) DO UPDATE SET data = excluded.data",
                (kind, account, name, write_json(data)),
            )

    def remove(self, kind: str, account: str, name: str) -> None:
        with self._database.transaction():
            self._database.write(
                "DELETE FROM records WHERE kind = ? AND account = ? AND name = ?", (kind, account, name)
            )

    def next(self, name: str, start: int) -> int:
        """A number that never comes again."""
        with self._database.transaction():
            row = self._database.row("SELECT value FROM counters WHERE name = ?", (name,))
            value = int(row["value"]) + 1 if row else start
            self._database.write(
                "INSERT INTO counters (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )
        return value

    def forget(self, *kinds: str) -> None:
        with self._database.transaction():
            for kind in kinds:
                self._database.write("DELETE FROM records WHERE kind = ?", (kind,))
