"""Files: their rows in the database, their bytes in a folder beside it."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from chaskiq_core.testing.sandbox import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY, file_unique_id TEXT NOT NULL, bot_id INTEGER NOT NULL, kind TEXT NOT NULL,
    media TEXT NOT NULL, stored_name TEXT NOT NULL, file_path TEXT NOT NULL, file_name TEXT, mime_type TEXT NOT NULL,
    size INTEGER NOT NULL, linked_at REAL);
CREATE INDEX IF NOT EXISTS files_by_path ON files (bot_id, file_path);
CREATE TABLE IF NOT EXISTS profile_photos (
    bot_id INTEGER, user_id INTEGER, file_id TEXT NOT NULL, PRIMARY KEY (bot_id, user_id));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that a bot knows under this id."""

    file_id: str  # means something to this bot only
    file_unique_id: str
    bot_id: int
    kind: str  # photo, video, …: the name of its field in a message
    media: str  # JSON: the value of that field, of which this file is a part
    stored_name: str  # in the folder
    file_path: str  # at the file host
    file_name: str | None
    mime_type: str  # by what is in it
    size: int
    linked_at: float | None = None  # unix time of the latest getFile


class StoredFiles:
    """Reads and writes the files that bots know."""

    def __init__(self, database: Database, path: Path | None) -> None:
        """Beside the database's file; in a folder that goes with the sandbox for None."""
        self._database = database
        self._beside = path.with_name(path.name + ".files") if path else None
        self._lasting: Path | None = None
        database.create(SCHEMA)

    def folder(self) -> Path:
        """Where the bytes are; made at the first use."""
        if self._lasting is None:
            self._lasting = self._beside or Path(mkdtemp(prefix="telegram-sandbox-"))
            self._lasting.mkdir(parents=True, exist_ok=True)
        return self._lasting

    def path_of(self, file: StoredFile) -> Path:
        return self.folder() / file.stored_name

    def new_id(self) -> str:
        """An id that no other file has, in the shape of Telegram's."""
        return secrets.token_urlsafe(15)

    def keep_bytes(self, source: Path) -> str:
        """Move the file into the folder; its name there."""
        name = secrets.token_hex(12)
        source.rename(self.folder() / name)
        return name

    def add(self, file: StoredFile) -> None:
        with self._database.transaction():
            self._database.write(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    file.file_id,
                    file.file_unique_id,
                    file.bot_id,
                    file.kind,
                    file.media,
                    file.stored_name,
                    file.file_path,
                    file.file_name,
                    file.mime_type,
                    file.size,
                    file.linked_at,
                ),
            )

    def find(self, bot_id: int, file_id: str) -> StoredFile | None:
        row = self._database.row("SELECT * FROM files WHERE bot_id = ? AND file_id = ?", (bot_id, file_id))
        return _file(row) if row else None

    def at_path(self, bot_id: int, file_path: str) -> StoredFile | None:
        row = self._database.row("SELECT * FROM files WHERE bot_id = ? AND file_path = ?", (bot_id, file_path))
        return _file(row) if row else None

    def link(self, file: StoredFile, *, at: float) -> None:
        """Its path leads to it from now on, for a while."""
        with self._database.transaction():
            self._database.write("UPDATE files SET linked_at = ? WHERE file_id = ?", (at, file.file_id))

    def set_profile_photo(self, bot_id: int, user_id: int, file: StoredFile) -> None:
        """A person shows this photo to this bot."""
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO profile_photos VALUES (?, ?, ?)", (bot_id, user_id, file.file_id)
            )

    def profile_photo(self, bot_id: int, user_id: int) -> StoredFile | None:
        row = self._database.row(
            "SELECT file_id FROM profile_photos WHERE bot_id = ? AND user_id = ?", (bot_id, user_id)
        )
        return self.find(bot_id, row["file_id"]) if row else None

    def count(self) -> int:
        row = self._database.row("SELECT count(*) AS files FROM files")
        return int(row["files"]) if row else 0

    def forget(self) -> None:
        """Forget every file, its bytes too."""
        with self._database.transaction():
            self._database.write("DELETE FROM files")
            self._database.write("DELETE FROM profile_photos")
        if self._lasting or (self._beside and self._beside.exists()):
            shutil.rmtree(self.folder(), ignore_errors=True)
            self._lasting = None

    def close(self) -> None:
        """A folder that was only lent goes."""
        if self._lasting and not self._beside:
            shutil.rmtree(self._lasting, ignore_errors=True)


def _file(row: Row) -> StoredFile:
    return StoredFile(**{name: row[name] for name in row.keys()})  # noqa: SIM118  # a Row iterates over its values
