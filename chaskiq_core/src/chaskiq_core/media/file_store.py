"""Files in a folder: written as drafts, chunk by chunk, and kept whole or not at all."""

import os
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

from chaskiq_core.errors import InvalidError, NotFoundError, SettingsError, UnavailableError
from chaskiq_core.media.sniff import HEAD_BYTES, sniff

SCHEME = "file://"
DRAFTS = "drafts"
DRAFT_SECONDS = 3600
"""No file takes longer to arrive."""
KEY_BYTES = 18
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in the media store, not yet in the database."""

    key: str
    filename: str
    mime: str
    """What its first bytes show."""
    size: int


class Draft:
    """A file that is being written. Nothing of it is seen before `keep`."""

    def __init__(self, file: BinaryIO, path: Path, *, max_bytes: int) -> None:
        self._file = file
        self._path = path
        self.max_bytes = max_bytes
        """What it may hold."""
        self.size = 0
        """Bytes so far."""
        self.head = b""
        """The first bytes: what tells what it is."""

    async def write(self, chunk: bytes) -> None:
        """Add a chunk; InvalidError over the limit, UnavailableError if the disk takes no more."""
        self.size += len(chunk)
        if self.size > self.max_bytes:
            raise InvalidError(f"the file is larger than {self.max_bytes} bytes")
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        try:
            await to_thread.run_sync(self._file.write, chunk)
        except OSError as error:
            raise UnavailableError(f"the file could not be stored: {error.strerror}") from error


class FileStore:
    """The media of one house, in one folder. Names are random and tell nothing."""

    def __init__(self, url: str) -> None:
        if not url.startswith(SCHEME) or len(url) == len(SCHEME):
            raise SettingsError("CHASKIQ_MEDIA_URL: must be file://FOLDER; other stores can't be used yet")
        self._folder = Path(url.removeprefix(SCHEME))

    @asynccontextmanager
    async def draft(self, *, max_bytes: int) -> AsyncIterator[Draft]:
        """A new file to write; gone at the end of the block unless it was kept."""
        path = self._folder / DRAFTS / secrets.token_hex(12)
        try:
            file = await to_thread.run_sync(_create, path)
        except OSError as error:
            raise UnavailableError(f"the folder of CHASKIQ_MEDIA_URL can't be written: {error.strerror}") from error
        draft = Draft(file, path, max_bytes=max_bytes)
        try:
            yield draft
        finally:
            await to_thread.run_sync(_discard, file, path)

    async def keep(self, draft: Draft, filename: str) -> StoredFile:
        """The file under its key from now on, as what its bytes show; it is on disk when this returns."""
        key = secrets.token_urlsafe(KEY_BYTES)
        try:
            await to_thread.run_sync(_keep, draft._file, draft._path, self._path(key))
        except OSError as error:
            raise UnavailableError(f"the file could not be stored: {error.strerror}") from error
        return StoredFile(key=key, filename=filename, mime=sniff(draft.head), size=draft.size)

    @asynccontextmanager
    async def open(self, media_id: str) -> AsyncIterator[BinaryIO]:
        """The file of that key, at its start; NotFoundError if it is gone."""
        path = self.path_of(media_id)
        with await to_thread.run_sync(path.open, "rb") as file:
            yield file

    async def tidy(self) -> None:
        """Drafts that a killed process left are gone; young ones may be another process's."""
        await to_thread.run_sync(_tidy, self._folder / DRAFTS)

    def path_of(self, key: str) -> Path:
        """Where the file of that key is; NotFoundError for one that was never kept, or is gone."""
        path = self._path(key) if _KEY.fullmatch(key) else None
        if path is None or not path.is_file():
            raise NotFoundError("the file is not there any more")
        return path

    async def remove(self, key: str) -> None:
        """The file is gone; so it is already if it is not there."""
        if _KEY.fullmatch(key):
            await to_thread.run_sync(lambda: self._path(key).unlink(missing_ok=True))

    def _path(self, key: str) -> Path:
        # a folder with a hundred thousand files is slow to list
        return self._folder / key[:2].lower() / key


def _tidy(drafts: Path) -> None:
    oldest = time.time() - DRAFT_SECONDS
    for draft in drafts.glob("*"):
        with suppress(OSError):
            if draft.stat().st_mtime < oldest:
                draft.unlink()


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "xb")


def _keep(file: BinaryIO, draft: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a row that names it may be committed next
    finally:
        os.close(folder)


def _discard(file: BinaryIO, path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)
