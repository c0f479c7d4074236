"""Slack's file objects as attachments; those without bytes for us are links or named as gone."""

from chaskiq_core.plugin import Attachment, AttachmentType, JsonObject
from chaskiq_slack.escape import escape
from chaskiq_slack.fields import count_at, cut, id_at, is_true, objects_at, text_at

MAX_FILES = 100
MAX_FILENAME = 255
GONE = frozenset({"tombstone", "hidden_by_limit", "file_access"})
"""Modes of a file that is not there for us, and will not be."""


def attachments_of(message: JsonObject) -> tuple[Attachment, ...]:
    """The message's files, in order."""
    return tuple(_attachment(one) for one in objects_at(message, "files")[:MAX_FILES])


def links_of(message: JsonObject) -> str:
    """Files that live elsewhere (Google Drive …), as mrkdwn links: there is nothing to fetch."""
    links = []
    for one in objects_at(message, "files")[:MAX_FILES]:
        address = text_at(one, "url_private") or text_at(one, "permalink")
        if _is_external(one) and address:
            links.append(f"<{escape(address).replace('|', '%7C')}|{escape(_filename(one) or address)}>")
    return "\n".join(links)


def _attachment(file: JsonObject) -> Attachment:
    file_id = id_at(file, "id") or None
    mime = text_at(file, "mimetype")
    milliseconds = count_at(file, "duration_ms")
    return Attachment(
        type=_type(file, mime),
        provider_file_id=file_id,
        filename=_filename(file) or None,
        mime=cut(mime, 128) or None,
        size=count_at(file, "size"),
        duration=milliseconds / 1000 if milliseconds is not None else None,
        width=count_at(file, "original_w"),
        height=count_at(file, "original_h"),
        unavailable=file_id is None or _is_external(file) or _is_gone(file),
    )


def _type(file: JsonObject, mime: str) -> AttachmentType:
    subtype = text_at(file, "subtype")
    if subtype == "slack_audio":
        return "voice"
    if subtype == "slack_video" or mime.startswith("video/"):
        return "video"
    if mime.startswith("audio/"):
        return "audio"
    return "image" if mime.startswith("image/") else "file"


def _filename(file: JsonObject) -> str:
    return cut(text_at(file, "name") or text_at(file, "title"), MAX_FILENAME).strip()


def _is_external(file: JsonObject) -> bool:
    return text_at(file, "mode") == "external" or is_true(file, "is_external")


def _is_gone(file: JsonObject) -> bool:
    return text_at(file, "mode") in GONE or text_at(file, "file_access") == "access_denied"
