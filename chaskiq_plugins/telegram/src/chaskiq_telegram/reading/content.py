"""What a message says: text, marks and attachments of the one content that it has; or that it has none."""

from dataclasses import dataclass, replace

from chaskiq_core.plugin import Attachment, Document, JsonObject
from chaskiq_telegram.fields import object_at, objects_at, text_at
from chaskiq_telegram.manifest import PUBLIC_API
from chaskiq_telegram.reading.attachments import MAX_DOWNLOAD_BYTES, READERS, file_at, largest_photo
from chaskiq_telegram.reading.entities import document_of
from chaskiq_telegram.reading.message_fields import ENVELOPE, SERVICE, SERVICE_FAMILIES
from chaskiq_telegram.reading.words import READERS as WORDS
from chaskiq_telegram.reading.words import Words, placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A message's content as the core takes it."""

    text: str
    document: Document | None = None
    attachments: tuple[Attachment, ...] = ()
    unsupported: bool = False


def service_kind(message: JsonObject) -> str | None:
    """The event that a service message tells; None: somebody wrote it."""
    if _content_kind(message):
        return None
    return next((name for name in message if name in SERVICE or name.startswith(SERVICE_FAMILIES)), None)


def content_of(message: JsonObject, api_base: str) -> Content:
    """What somebody wrote; of a kind that nobody knows a placeholder, so that it is seen at all."""
    kind = _content_kind(message)
    if kind == "text":
        text = text_at(message, "text")
        return Content(text=text, document=document_of(text, objects_at(message, "entities")))
    if kind == "paid_media":
        return _paid_media(message, api_base)
    if kind in READERS:
        attachment = READERS[kind](message)
        if attachment is not None:
            return _captioned(message, (_reachable(attachment, api_base),))
    if kind in WORDS:
        return _in_words(message, WORDS[kind](object_at(message, kind)), kind)
    return _in_words(message, placeholder(kind or _unknown_kind(message)), kind)


def _content_kind(message: JsonObject) -> str:
    """The field that holds the content, the first that counts; '' if there is none that we know."""
    if text_at(message, "text"):
        return "text"
    return next((name for name in (*READERS, "paid_media", *WORDS) if name in message), "")


def _captioned(message: JsonObject, attachments: tuple[Attachment, ...], *, unsupported: bool = False) -> Content:
    caption = text_at(message, "caption")
    document = document_of(caption, objects_at(message, "caption_entities"))
    return Content(text=caption, document=document, attachments=attachments, unsupported=unsupported)


def _in_words(message: JsonObject, words: Words, kind: str) -> Content:
    """A content that has only words; what the sender wrote beside it says more than a placeholder."""
    if text_at(message, "caption"):
        return _captioned(message, (), unsupported=words.unsupported)
    words = words if words.text else placeholder(kind)
    return Content(text=words.text, unsupported=words.unsupported)


def _paid_media(message: JsonObject, api_base: str) -> Content:
    """Media behind a price: those that were paid for can be fetched, the others only be told of."""
    found: list[Attachment] = []
    media = objects_at(object_at(message, "paid_media"), "paid_media")
    for one in media:
        attachment = largest_photo(one) or file_at("video", "video")(one) or file_at("video", "live_photo")(one)
        if attachment is not None:
            found.append(_reachable(attachment, api_base))
    if not found:
        return _in_words(message, placeholder("paid_media"), "paid_media")
    return _captioned(message, tuple(found), unsupported=len(found) < len(media))


def _reachable(attachment: Attachment, api_base: str) -> Attachment:
    too_large = attachment.size is not None and attachment.size > MAX_DOWNLOAD_BYTES
    return replace(attachment, unavailable=True) if too_large and api_base == PUBLIC_API else attachment


def _unknown_kind(message: JsonObject) -> str:
    return next((name for name in message if name not in ENVELOPE and not name.startswith("forward_")), "")
