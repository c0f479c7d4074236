"""Files: asked for, uploaded, shared; kept as bytes beside what is told of them."""

from pathlib import Path
from tempfile import TemporaryDirectory

from chaskiq_core.testing.sandbox import Database, JsonObject, read_object, write_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, team TEXT NOT NULL, owner TEXT NOT NULL, length INTEGER NOT NULL,
    state TEXT NOT NULL, doc TEXT NOT NULL);
"""
ASKED_FOR, UPLOADED, SHARED = "asked_for", "uploaded", "shared"


class Files:
    """Reads and writes files."""

    def __init__(self, database: Database, path: Path | None) -> None:
        """Bytes are kept beside the sandbox's file, or for as long as it lives."""
        self._database = database
        database.create(SCHEMA)
        self._temporary = TemporaryDirectory(prefix="slack-sandbox-") if path is None else None
        self.folder = path.with_suffix(".files") if path is not None else Path(self._temporary_name)
        self.folder.mkdir(exist_ok=True)

    def add(self, file_id: str, *, team: str, owner: str, length: int, doc: JsonObject) -> None:
        """A file that is to be uploaded."""
        with self._database.transaction():
            self._database.write(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (file_id, team, owner, length, ASKED_FOR, write_json(doc)),
            )

    def find(self, file_id: str) -> tuple[JsonObject, str, str, str, int] | None:
        """What is told of it, its state, its workspace, who owns it, and how long it is to be."""
        row = self._database.row("SELECT * FROM files WHERE id = ?", (file_id,))
        return (read_object(row["doc"]), row["state"], row["team"], row["owner"], row["length"]) if row else None

    def change(self, file_id: str, doc: JsonObject, state: str) -> None:
        with self._database.transaction():
            self._database.write("UPDATE files SET doc = ?, state = ? WHERE id = ?", (write_json(doc), state, file_id))

    def path_of(self, file_id: str) -> Path:
        """Where its bytes are."""
        return self.folder / file_id

    def remove(self, file_id: str) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM files WHERE id = ?", (file_id,))
        self.path_of(file_id).unlink(missing_ok=True)

    @property
    def _temporary_name(self) -> str:
        assert self._temporary is not None, "there is one where there is no path"
        return self._temporary.name

    def close(self) -> None:
        if self._temporary:
            self._temporary.cleanup()
