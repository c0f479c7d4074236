"""Apps in workspaces, the tokens that open them, and the codes of an installation."""

import re
import secrets
from dataclasses import dataclass, replace

from chaskiq_core.testing.sandbox import Database, JsonObject, Row

TEAM = "T0SANDBOX"
"""The workspace of an app that nobody put into another one."""
SCOPES = (
    "app_mentions:read,channels:history,channels:join,channels:read,chat:write,commands,files:read,files:write,"
    "groups:history,groups:read,im:history,im:read,im:write,metadata.message:read,mpim:history,reactions:read,"
    "reactions:write,users:read,users:read.email"
)
TOKEN = re.compile(r"xox[bp](\.xoxb)?-[A-Za-z0-9_-]{4,}")
SCHEMA = """
CREATE TABLE IF NOT EXISTS apps (
    token TEXT PRIMARY KEY, team TEXT NOT NULL, number INTEGER NOT NULL UNIQUE, name TEXT NOT NULL,
    signing_secret TEXT NOT NULL, request_url TEXT NOT NULL DEFAULT '', interactivity_url TEXT NOT NULL DEFAULT '',
    scopes TEXT NOT NULL, is_revoked INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, client_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, scope TEXT NOT NULL,
    expires_at REAL NOT NULL, is_used INTEGER NOT NULL DEFAULT 0);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app that is installed in a workspace."""

    token: str
    team: str
    number: int
    name: str
    signing_secret: str
    request_url: str
    """Where events go; '' before it was set."""
    interactivity_url: str
    """Where presses and slash commands go; '' is the request URL."""
    scopes: frozenset[str]
    is_revoked: bool

    @property
    def app_id(self) -> str:
        return f"A{self.number:08d}"

    @property
    def bot_id(self) -> str:
        return f"B{self.number:08d}"

    @property
    def user_id(self) -> str:
        """Its bot user."""
        return f"U{self.number:08d}BOT"

    @property
    def author(self) -> JsonObject:
        """What a message of the app tells of who wrote it."""
        profile: JsonObject = {"id": self.bot_id, "app_id": self.app_id, "name": self.name, "team_id": self.team}
        return {"user": self.user_id, "bot_id": self.bot_id, "app_id": self.app_id, "bot_profile": profile}


class Apps:
    """Reads and writes apps."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, token: str, *, team: str = TEAM, name: str = "Sandbox App", scopes: str = SCOPES) -> App:
        """The app of this token from now on; ValueError for a token that could never be Slack's."""
        if not TOKEN.fullmatch(token):
            raise ValueError("a bot token looks like xoxb-1234-5678-abcd")
        with self._database.transaction():
            self._database.write(
                "INSERT INTO apps (token, team, number, name, signing_secret, scopes) "
                "SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ? FROM apps WHERE true "
                "ON CONFLICT (token) DO NOTHING",
                (token, team, name, secrets.token_hex(16), scopes),
            )
        found = self.of_token(token)
        assert found is not None, "the app was written just now"
        return found

    def change(self, app: App) -> None:
        """Keep what may be set of an app."""
        with self._database.transaction():
            self._database.write(
                "UPDATE apps SET name = ?, signing_secret = ?, request_url = ?, interactivity_url = ?, scopes = ?, "
                "is_revoked = ? WHERE token = ?",
                (
                    app.name,
                    app.signing_secret,
                    app.request_url,
                    app.interactivity_url,
                    ",".join(sorted(app.scopes)),
                    app.is_revoked,
                    app.token,
                ),
            )

    def revoke(self, app: App) -> None:
        """The token opens nothing any more."""
        self.change(replace(app, is_revoked=True))

    def of_token(self, token: str) -> App | None:
        row = self._database.row("SELECT * FROM apps WHERE token = ?", (token,))
        return _app(row) if row else None

    def all(self, team: str | None = None) -> list[App]:
        """The apps of a workspace, of all for None."""
        rows = self._database.rows("SELECT * FROM apps WHERE team = coalesce(?, team) ORDER BY number", (team,))
        return [_app(row) for row in rows]

    def note_error(self, token: str, error: str) -> None:
        """Why an event was not taken: the next attempt says so."""
        with self._database.transaction():
            self._database.write("UPDATE apps SET last_error = ? WHERE token = ?", (error, token))

    def last_error(self, token: str) -> str:
        row = self._database.row("SELECT last_error FROM apps WHERE token = ?", (token,))
        return str(row["last_error"]) if row else ""

    def add_code(self, *, client_id: str, redirect_uri: str, scope: str, expires_at: float) -> str:
        """A code that can be exchanged for a token, once."""
        code = secrets.token_urlsafe(16)
        with self._database.transaction():
            self._database.write(
                "INSERT INTO codes (code, client_id, redirect_uri, scope, expires_at) VALUES (?, ?, ?, ?, ?)",
                (code, client_id, redirect_uri, scope, expires_at),
            )
        return code

    def code(self, code: str) -> Row | None:
        return self._database.row("SELECT * FROM codes WHERE code = ?", (code,))

    def use_code(self, code: str) -> None:
        with self._database.transaction():
            self._database.write("UPDATE codes SET is_used = 1 WHERE code = ?", (code,))


def _app(row: Row) -> App:
    return App(
        token=row["token"],
        team=row["team"],
        number=row["number"],
        name=row["name"],
        signing_secret=row["signing_secret"],
        request_url=row["request_url"],
        interactivity_url=row["interactivity_url"],
        scopes=frozenset(str(row["scopes"]).split(",")),
        is_revoked=bool(row["is_revoked"]),
    )
