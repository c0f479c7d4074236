"""One long-running process per SQLite file: a lock that dies with its owner."""

import fcntl
import os
from pathlib import Path

from chaskiq_core.errors import UnavailableError


class FileLock:
    """An flock beside the database file."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._fd: int | None = None

    def take(self) -> None:
        """Hold the lock; UnavailableError if another process has it."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            raise UnavailableError(
                f"{self._path.name}: another server or worker has this SQLite database open; "
                "stop it, or use PostgreSQL for several processes"
            ) from error
        self._fd = fd

    def release(self) -> None:
        """Let go; harmless if it was not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
