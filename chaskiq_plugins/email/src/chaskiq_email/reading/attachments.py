"""The files of a mail: named, typed, and found again in the stored bytes by their place."""

import mimetypes
import re

from chaskiq_core.plugin import Attachment, AttachmentType
from chaskiq_email.reading.headers import parameters_of, words_of
from chaskiq_email.reading.mime import Part, read_mail

MAX_FILES = 50
TRUNCATED = "X-Chaskiq-Truncated"
"""Before the headers of a mail that was too large to be fetched whole: its size."""
_FIRST_OF_TYPE: dict[str, AttachmentType] = {"image": "image", "video": "video", "audio": "audio"}
_NOT_SHOWN = frozenset({"image/svg+xml", "image/tiff", "image/x-photoshop"})
_CONTENT_ID = re.compile(r"[<>\s]")


def attachments_of(files: list[Part], *, is_cut: bool = False) -> tuple[Attachment, ...]:
    """What the parts carry; of more than fifty the rest is named and can't be fetched, as can't the last of a mail that
    was cut."""
    shown = files[: 2 * MAX_FILES]
    return tuple(
        _attachment(part, unavailable=n >= MAX_FILES or (is_cut and n == len(shown) - 1))
        for n, part in enumerate(shown)
    )


def bytes_of(body: bytes, path: str) -> bytes | None:
    """The decoded content of the part at that place in a mail; None if there is none."""
    part = next((one for one in read_mail(body).walk() if one.path == path), None)
    return None if part is None else part.content()


def _attachment(part: Part, *, unavailable: bool) -> Attachment:
    return Attachment(
        type=_type_of(part),
        provider_file_id=part.path,
        filename=filename_of(part),
        mime=part.media_type,
        size=_size_of(part),
        unavailable=unavailable,
    )


def _type_of(part: Part) -> AttachmentType:
    if part.media_type in _NOT_SHOWN:
        return "file"
    return _FIRST_OF_TYPE.get(part.media_type.partition("/")[0], "file")


def _size_of(part: Part) -> int:
    """Bytes, exactly where that costs nothing, about so many where the content is encoded."""
    encoding = part.headers.first("content-transfer-encoding").strip().lower()
    return len(part.content()) if encoding in ("base64", "quoted-printable") else len(part.raw)


def filename_of(part: Part) -> str | None:
    """The file's name without a path; for a file that is only shown, one after its type; None if nothing fits."""
    disposition = parameters_of(part.headers.first("content-disposition"))
    told = disposition.get("filename") or part.parameters.get("name") or ""
    name = words_of(told).replace("\\", "/").rpartition("/")[2].strip(" .")[:200]
    if name:
        return name
    if part.media_type == "message/rfc822":
        return "message.eml"
    if part.media_type == "text/calendar":
        return "invitation.ics"
    extension = mimetypes.guess_extension(part.media_type) or ""
    kind = _FIRST_OF_TYPE.get(part.media_type.partition("/")[0], "file")
    return f"{kind}{extension}" if extension else None
