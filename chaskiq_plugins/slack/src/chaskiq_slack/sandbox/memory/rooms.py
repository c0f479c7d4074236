"""People and channels of a workspace, and who is in which channel."""

from chaskiq_core.testing.sandbox import Database, JsonObject, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    team TEXT, id TEXT, name TEXT NOT NULL, real_name TEXT NOT NULL, email TEXT NOT NULL, PRIMARY KEY (team, id));
CREATE TABLE IF NOT EXISTS channels (
    team TEXT, id TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, is_archived INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (team, id));
CREATE TABLE IF NOT EXISTS members (team TEXT, channel TEXT, user_id TEXT, PRIMARY KEY (team, channel, user_id));
CREATE TABLE IF NOT EXISTS numbers (kind TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
PUBLIC, PRIVATE, DIRECT, GROUP = "channel", "group", "im", "mpim"
LETTERS = {PUBLIC: "C", PRIVATE: "G", DIRECT: "D", GROUP: "G"}


class Rooms:
    """Reads and writes people and channels."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def take_number(self, kind: str) -> int:
        """The next number of a kind, used up; no reset brings one back."""
        with self._database.transaction():
            self._database.write("INSERT OR IGNORE INTO numbers VALUES (?, 0)", (kind,))
            self._database.write("UPDATE numbers SET value = value + 1 WHERE kind = ?", (kind,))
            row = self._database.row("SELECT value FROM numbers WHERE kind = ?", (kind,))
        assert row is not None, "the number was written in this transaction"
        return int(row["value"])

    def add_user(self, team: str, user_id: str, *, name: str = "", real_name: str = "", email: str = "") -> None:
        """A person of the workspace; what is given of one who is known changes it."""
        with self._database.transaction():
            self._database.write(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT (team, id) DO UPDATE SET "
                "name = coalesce(nullif(?, ''), name), real_name = coalesce(nullif(?, ''), real_name), "
                "email = coalesce(nullif(?, ''), email)",
                (team, user_id, name or user_id.lower(), real_name, email, name, real_name, email),
            )

    def user(self, team: str, user_id: str) -> Row | None:
        return self._database.row("SELECT * FROM users WHERE team = ? AND id = ?", (team, user_id))

    def users(self, team: str) -> list[Row]:
        return self._database.rows("SELECT * FROM users WHERE team = ? ORDER BY id", (team,))

    def add_channel(self, team: str, *, channel_id: str = "", name: str = "", kind: str = PUBLIC) -> str:
        """A channel; its id."""
        channel_id = channel_id or f"{LETTERS[kind]}{self.take_number('channel'):08d}"
        with self._database.transaction():
            self._database.write(
                "INSERT INTO channels (team, id, name, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (team, channel_id, name or channel_id.lower(), kind),
            )
        return channel_id

    def direct(self, team: str, user_id: str, bot: str) -> str:
        """The channel of a person and an app alone."""
        row = self._database.row(
            "SELECT id FROM channels WHERE team = ? AND kind = 'im' AND name = ?", (team, f"{user_id}/{bot}")
        )
        if row:
            return str(row["id"])
        channel = self.add_channel(team, name=f"{user_id}/{bot}", kind=DIRECT)
        for member in (user_id, bot):
            self.join(team, channel, member)
        return channel

    def channel(self, team: str, channel_id: str) -> Row | None:
        return self._database.row("SELECT * FROM channels WHERE team = ? AND id = ?", (team, channel_id))

    def channels(self, team: str) -> list[Row]:
        return self._database.rows("SELECT * FROM channels WHERE team = ? ORDER BY id", (team,))

    def archive(self, team: str, channel_id: str, *, is_archived: bool) -> None:
        with self._database.transaction():
            self._database.write(
                "UPDATE channels SET is_archived = ? WHERE team = ? AND id = ?", (is_archived, team, channel_id)
            )

    def join(self, team: str, channel_id: str, user_id: str) -> bool:
        """Whether that is new."""
        with self._database.transaction():
            return bool(
                self._database.write("INSERT OR IGNORE INTO members VALUES (?, ?, ?)", (team, channel_id, user_id))
            )

    def leave(self, team: str, channel_id: str, user_id: str) -> bool:
        """Whether they were there."""
        with self._database.transaction():
            return bool(
                self._database.write(
                    "DELETE FROM members WHERE team = ? AND channel = ? AND user_id = ?", (team, channel_id, user_id)
                )
            )

    def members(self, team: str, channel_id: str) -> list[str]:
        rows = self._database.rows(
            "SELECT user_id FROM members WHERE team = ? AND channel = ? ORDER BY user_id", (team, channel_id)
        )
        return [str(row["user_id"]) for row in rows]


def shown_user(row: Row) -> JsonObject:
    """A person as users.info tells."""
    profile: JsonObject = {"real_name": row["real_name"], "display_name": row["name"], "email": row["email"] or None}
    return {
        "id": row["id"],
        "team_id": row["team"],
        "name": row["name"],
        "real_name": row["real_name"],
        "deleted": False,
        "is_bot": False,
        "profile": profile,
    }


def shown_channel(row: Row, *, is_member: bool) -> JsonObject:
    """A channel as conversations.info tells."""
    kind = row["kind"]
    return {
        "id": row["id"],
        "name": row["name"],
        "is_channel": kind == PUBLIC,
        "is_group": kind == PRIVATE,
        "is_im": kind == DIRECT,
        "is_mpim": kind == GROUP,
        "is_private": kind != PUBLIC,
        "is_archived": bool(row["is_archived"]),
        "is_member": is_member,
    }
