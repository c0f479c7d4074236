"""Files on their way in: uploads and downloads land in a folder of their own, and what nobody kept is deleted."""

import shutil
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import anyio
import anyio.to_thread
from starlette.datastructures import UploadFile

from chaskiq_telegram.sandbox.files.look import Look, look_at

CHUNK_BYTES = 65_536
MAX_UPLOAD_BYTES = 50 * 1024 * 1024


class TooLargeError(Exception):
    """More came than may come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A file that came and was not kept yet."""

    path: Path
    file_name: str | None  # as its sender calls it, without folders
    mime_type: str | None  # as its sender says
    size: int
    look: Look


@dataclass(slots=True)
class Tray:
    """Where the files of one request land."""

    parent: Callable[[], Path]  # the folder for a folder of the tray's own, made for the first file
    folder: Path | None = None
    files: dict[str, Incoming] = field(default_factory=dict)  # by the name of their part, or by their URL
    refusals: dict[str, str] = field(default_factory=dict)  # by their URL: why it could not be fetched

    async def put(self, name: str, upload: UploadFile, *, max_bytes: int = MAX_UPLOAD_BYTES) -> Incoming:
        """The upload, in a file; TooLargeError if it is more than that."""

        async def chunks() -> AsyncIterator[bytes]:
            while chunk := await upload.read(CHUNK_BYTES):
                yield chunk

        return await self.write(name, chunks(), upload.filename, upload.content_type, max_bytes=max_bytes)

    async def write(
        self, name: str, chunks: AsyncIterable[bytes], file_name: str | None, mime_type: str | None, *, max_bytes: int
    ) -> Incoming:
        """What comes in these pieces, in a file; TooLargeError if it is more than that."""
        if self.folder is None:
            self.folder = Path(mkdtemp(prefix="incoming-", dir=self.parent()))
        path = self.folder / str(len(self.files))
        size = 0
        async with await anyio.open_file(path, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise TooLargeError
                await file.write(chunk)
        self.files[name] = Incoming(
            path=path,
            file_name=bare_name(file_name),
            mime_type=mime_type,
            size=size,
            look=await anyio.to_thread.run_sync(look_at, path),
        )
        return self.files[name]


@asynccontextmanager
async def tray(parent: Callable[[], Path]) -> AsyncIterator[Tray]:
    """A tray for one request; what is left in it is deleted."""
    own = Tray(parent)
    try:
        yield own
    finally:
        if own.folder:
            shutil.rmtree(own.folder, ignore_errors=True)


def bare_name(name: str | None) -> str | None:
    """A file's name without folders and control characters; None if nothing is left."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[:255] or None
