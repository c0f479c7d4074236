"""Files: uploaded by the business or sent by customers; an id each, and addresses that run out."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from chaskiq_core.testing.sandbox import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS media (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number_id TEXT NOT NULL, mime TEXT NOT NULL, filename TEXT NOT NULL,
    bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS addresses (secret TEXT PRIMARY KEY, media_id INTEGER NOT NULL, until REAL NOT NULL);
"""
FIRST_ID = 7_100_000_000_000
ADDRESS_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """One file."""

    id: str
    mime: str
    filename: str
    bytes: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.bytes).hexdigest()


class Media:
    """Reads and writes files."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.create(SCHEMA)

    def add(self, number_id: str, mime: str, filename: str, content: bytes) -> StoredMedia:
        with self._database.transaction():
            row = self._database.row("SELECT max(id) AS last FROM media")
            next_id = (row["last"] if row and row["last"] else FIRST_ID) + 1
            self._database.insert(
                "INSERT INTO media (id, number_id, mime, filename, bytes) VALUES (?, ?, ?, ?, ?)",
                (next_id, number_id, mime, filename, content),
            )
        return StoredMedia(id=str(next_id), mime=mime, filename=filename, bytes=content)

    def find(self, media_id: str) -> StoredMedia | None:
        if not (media_id.isdecimal() and len(media_id) < 19):
            return None
        row = self._database.row("SELECT * FROM media WHERE id = ?", (int(media_id),))
        return _media(row) if row else None

    def address(self, media_id: str, *, now: float) -> str:
        """The secret part of an address that is good for five minutes."""
        secret = secrets.token_urlsafe(16)
        with self._database.transaction():
            self._database.insert(
                "INSERT INTO addresses (secret, media_id, until) VALUES (?, ?, ?)",
                (secret, int(media_id), now + ADDRESS_SECONDS),
            )
        return secret

    def at(self, secret: str, *, now: float) -> StoredMedia | None:
        """The file at an address; None once it has run out."""
        row = self._database.row("SELECT media_id FROM addresses WHERE secret = ? AND until > ?", (secret, now))
        return self.find(str(row["media_id"])) if row else None

    def forget(self) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM addresses")


def _media(row: Row) -> StoredMedia:
    return StoredMedia(id=str(row["id"]), mime=row["mime"], filename=row["filename"], bytes=row["bytes"])
