"""Files, places and contact cards in a message: one of each, although Telegram doubles some for older bots."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from chaskiq_core.plugin import Attachment, AttachmentType, JsonObject
from chaskiq_telegram.fields import is_true, natural_at, number_at, object_at, objects_at, text_at

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
"""What Telegram's own servers give to a bot; a local Bot API server gives all."""

Reader: TypeAlias = Callable[[JsonObject], Attachment | None]


def largest_photo(holder: JsonObject, name: str = "photo") -> Attachment | None:
    """The largest of a photo's sizes."""
    sizes = [size for size in objects_at(holder, name) if text_at(size, "file_id")]
    return _file("image", max(sizes, key=_area), mime="image/jpeg") if sizes else None


def file_at(kind: AttachmentType, name: str, mime: str | None = None) -> Reader:
    """Reads the file in the field of that name; `mime` where Telegram tells none."""
    return lambda holder: _file(kind, object_at(holder, name), mime=mime)


def _live_photo(message: JsonObject) -> Attachment | None:
    live = object_at(message, "live_photo")
    return largest_photo(message) or largest_photo(live) or _file("video", live)


def _sticker(message: JsonObject) -> Attachment | None:
    sticker = object_at(message, "sticker")
    moving = "application/x-tgsticker" if is_true(sticker, "is_animated") else None
    return _file("sticker", sticker, mime=moving or ("video/webm" if is_true(sticker, "is_video") else "image/webp"))


def _location(message: JsonObject) -> Attachment | None:
    return _place(object_at(message, "location"))


def _venue(message: JsonObject) -> Attachment | None:
    venue = object_at(message, "venue")
    return _place(
        object_at(venue, "location") or object_at(message, "location"),
        name=text_at(venue, "title"),
        address=text_at(venue, "address"),
    )


def _contact(message: JsonObject) -> Attachment | None:
    card = object_at(message, "contact")
    name = " ".join(part for part in (text_at(card, "first_name"), text_at(card, "last_name")) if part)
    phone = text_at(card, "phone_number")
    return Attachment(type="contact", name=name or None, phone=phone or None) if name or phone else None


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "live_photo": _live_photo,  # `photo` is set beside it
        "animation": file_at("video", "animation"),  # `document` is set beside it
        "venue": _venue,  # `location` is set beside it
        "photo": largest_photo,
        "video": file_at("video", "video"),
        "audio": file_at("audio", "audio"),
        "voice": file_at("voice", "voice", "audio/ogg"),
        "video_note": file_at("video", "video_note", "video/mp4"),
        "document": file_at("file", "document"),
        "sticker": _sticker,
        "location": _location,
        "contact": _contact,
    }
)
"""By the field that holds it, the one that counts first."""


def _file(kind: AttachmentType, file: JsonObject, *, mime: str | None = None) -> Attachment | None:
    file_id = text_at(file, "file_id")
    if not file_id:
        return None
    return Attachment(
        type=kind,
        provider_file_id=file_id,
        filename=text_at(file, "file_name") or None,
        mime=text_at(file, "mime_type") or mime,
        size=natural_at(file, "file_size"),
        duration=number_at(file, "duration"),
        width=_side(file, "width"),
        height=_side(file, "height"),
        emoji=text_at(file, "emoji") or None,
    )


def _side(file: JsonObject, name: str) -> int | None:
    """A picture's side; a video note is round and tells its diameter."""
    return natural_at(file, name) or natural_at(file, "length")


def _area(size: JsonObject) -> tuple[int, int]:
    return (natural_at(size, "width") or 0) * (natural_at(size, "height") or 0), natural_at(size, "file_size") or 0


def _place(location: JsonObject, *, name: str = "", address: str = "") -> Attachment | None:
    latitude, longitude = number_at(location, "latitude"), number_at(location, "longitude")
    if latitude is None or longitude is None:
        return None
    return Attachment(
        type="location", latitude=latitude, longitude=longitude, name=name or None, address=address or None
    )
