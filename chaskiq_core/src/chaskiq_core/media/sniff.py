"""What a file really is, by its first bytes; what anyone said of it counts for nothing."""

import filetype

HEAD_BYTES = 8192
UNKNOWN = "application/octet-stream"
SHOWN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/webm",
        "video/quicktime",
        "audio/ogg",
        "audio/mpeg",
        "audio/mp4",
        "audio/aac",
        "audio/wav",
    }
)
"""What a browser may show in a page; all else is a download: a page, an SVG or a PDF can run scripts."""
_USUAL = {"audio/x-wav": "audio/wav", "video/x-m4v": "video/mp4", "image/apng": "image/png"}
_SOUND_BRANDS = (b"M4A ", b"M4B ")
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/wav": "wav",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/gzip": "gz",
}
MEDIA_KINDS = ("image", "video", "audio")


def sniff(head: bytes) -> str:
    """The media type that the first bytes show; `application/octet-stream` for all that is not known."""
    found = str(filetype.guess_mime(head) or UNKNOWN)
    if found == "video/mp4" and head[8:12] in _SOUND_BRANDS:
        return "audio/mp4"
    return _USUAL.get(found, found)


def kind_of(mime: str) -> str:
    """image | video | audio for what a browser may show, file for all else."""
    family = mime.partition("/")[0]
    return family if mime in SHOWN and family in MEDIA_KINDS else "file"


def extension_of(mime: str) -> str:
    """The usual ending of a file of that type."""
    return _EXTENSIONS.get(mime, "bin")
