"""Which files a channel takes, as what, and which of them go together. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chaskiq_core.content import Document
from chaskiq_core.plugin.manifest import AlbumCapability, MediaCapability
from chaskiq_core.plugin.outbound import OutgoingMedia

UNKNOWN_SIZE = 0


def carried(file: OutgoingMedia, takes: Mapping[str, MediaCapability]) -> OutgoingMedia | None:
    """The file as what the channel takes it: its own type, else a plain file; None: not at all."""
    for kind in (file.type, "file"):
        limit = takes.get(kind)
        if limit is not None and (file.size or UNKNOWN_SIZE) <= limit.max_bytes and _may_have(file.mime, limit):
            return file if kind == file.type else replace(file, type="file")
    return None


def _may_have(mime: str | None, limit: MediaCapability) -> bool:
    """Whether a file of that type is taken; what nobody knows is tried."""
    return mime is None or not limit.mimes or mime.partition(";")[0].strip().lower() in limit.mimes


def as_albums(
    runs: Sequence[Document | tuple[OutgoingMedia, ...]], album: AlbumCapability | None
) -> list[Document | tuple[OutgoingMedia, ...]]:
    """Files that follow each other made one run where the channel shows them together."""
    joined: list[Document | tuple[OutgoingMedia, ...]] = []
    for run in runs:
        last = joined[-1] if joined else None
        if isinstance(run, tuple) and isinstance(last, tuple) and album is not None and _go_together(last + run, album):
            joined[-1] = last + run
        else:
            joined.append(run)
    return joined


def _go_together(files: tuple[OutgoingMedia, ...], album: AlbumCapability) -> bool:
    kinds = {file.type for file in files}
    return len(files) <= album.max_items and any(kinds <= together for together in album.together)
