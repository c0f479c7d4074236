"""Makes a file a part of a message: what kind it becomes there, and the field that shows it."""

import mimetypes
from dataclasses import dataclass

from chaskiq_core.testing.sandbox import Json, JsonObject, read_json, write_json
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.files.incoming import Incoming
from chaskiq_telegram.sandbox.files.look import Look
from chaskiq_telegram.sandbox.memory.files import StoredFile, StoredFiles

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_PHOTO_SIDES = 10_000  # width and height together
MAX_PHOTO_RATIO = 20
SMALLER_SIDES = (90, 320)  # the longer sides of a photo's smaller sizes
FOLDERS = {"photo": "photos", "video": "videos", "animation": "animations", "audio": "music", "voice": "voice"}
FOLDERS |= {"video_note": "video_notes", "sticker": "stickers", "document": "documents"}
STICKERS = frozenset({"image/webp", "application/gzip", "video/webm"})
# by what mimetypes may not know on every machine
NAME_TYPES = {".ogg": "audio/ogg", ".oga": "audio/ogg", ".m4a": "audio/mp4", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the sender says about a file; what is left out is taken from the file."""

    width: int = 0
    height: int = 0
    duration_seconds: int = 0
    title: str | None = None
    performer: str | None = None
    emoji: str | None = None
    thumbnail: Incoming | None = None


def kind_of_file(wanted: str, look: Look, *, is_plain: bool = False) -> str:
    """What Telegram makes of a file that is sent as this: what can't be played becomes a document."""
    match wanted:
        case "voice" if not look.is_voice:
            return "audio" if look.is_sound else "document"
        case "audio" if not look.is_sound:
            return "document"
        case "video" | "video_note" if not look.is_video:
            return "animation" if look.mime_type == "image/gif" else "document"
        case "animation" if not look.is_video and look.mime_type != "image/gif":
            return "document"
        case "sticker" if look.mime_type not in STICKERS:
            return "document"
        case "document" if not is_plain:
            return _detected(look)
        case _:
            return wanted


def _detected(look: Look) -> str:
    """Telegram looks into what comes as a document, unless it is told not to."""
    if look.mime_type == "image/gif":
        return "animation"
    if look.is_video:
        return "video"
    return "audio" if look.mime_type in ("audio/mpeg", "audio/mp4") else "document"


def check_photo(incoming: Incoming) -> None:
    """Refuse what can't be a photo."""
    look = incoming.look
    if incoming.size > MAX_PHOTO_BYTES:
        raise bad_request("file is too big")
    if not look.is_image:
        raise bad_request("IMAGE_PROCESS_FAILED")
    longer, shorter = max(look.width, look.height), min(look.width, look.height)
    if look.width + look.height > MAX_PHOTO_SIDES or longer > shorter * MAX_PHOTO_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def keep_media(files: StoredFiles, bot_id: int, kind: str, incoming: Incoming, hints: Hints) -> StoredFile:
    """The file, kept as this kind."""
    stored_name = files.keep_bytes(incoming.path)
    if kind == "photo":
        return _keep_photo(files, bot_id, incoming, stored_name)
    thumbnail: JsonObject = {}
    if hints.thumbnail and hints.thumbnail.look.is_image and kind not in ("voice", "sticker"):
        sizes = read_json(keep_media(files, bot_id, "photo", hints.thumbnail, Hints()).media)
        thumbnail = {"thumbnail": sizes[-1]} if isinstance(sizes, list) else {}
    file_id, unique_id = files.new_id(), files.new_id()
    media: JsonObject = {
        **_described(kind, incoming, hints),
        **thumbnail,
        "file_id": file_id,
        "file_unique_id": unique_id,
        "file_size": incoming.size,
    }
    return _keep(files, bot_id, kind, incoming, stored_name, (file_id, unique_id), media)


def shown_media(file: StoredFile) -> JsonObject:
    """The fields of a message that show this file."""
    media = read_json(file.media)
    if file.kind != "animation":
        return {file.kind: media}
    # for those who don't know animations yet, Telegram shows a document too
    plain = {"file_id", "file_unique_id", "file_size", "file_name", "mime_type", "thumbnail"}
    document: JsonObject = {name: media[name] for name in media if name in plain} if isinstance(media, dict) else {}
    return {"animation": media, "document": document}


def _keep_photo(files: StoredFiles, bot_id: int, incoming: Incoming, stored_name: str) -> StoredFile:
    """Every size of the photo. None is scaled: all have the bytes of the largest."""
    look = incoming.look
    longer = max(look.width, look.height)
    sides = [*(side for side in SMALLER_SIDES if side < longer), longer]
    ids = [(files.new_id(), files.new_id()) for _ in sides]
    sizes: list[Json] = [
        {
            "file_id": file_id,
            "file_unique_id": unique_id,
            "width": max(1, look.width * side // longer),
            "height": max(1, look.height * side // longer),
            "file_size": incoming.size,
        }
        for side, (file_id, unique_id) in zip(sides, ids, strict=True)
    ]
    kept = [_keep(files, bot_id, "photo", incoming, stored_name, each, sizes) for each in ids]
    return kept[-1]


def _keep(
    files: StoredFiles,
    bot_id: int,
    kind: str,
    incoming: Incoming,
    stored_name: str,
    ids: tuple[str, str],
    media: JsonObject | list[Json],
) -> StoredFile:
    actual = incoming.look.mime_type or _named_type(incoming)
    name = None if kind in ("photo", "voice", "video_note", "sticker") else incoming.file_name
    kept = StoredFile(
        file_id=ids[0],
        file_unique_id=ids[1],
        bot_id=bot_id,
        kind=kind,
        media=write_json(media),
        stored_name=stored_name,
        file_path=f"{FOLDERS[kind]}/file_{files.count()}{_extension(actual, incoming.file_name)}",
        file_name=name,
        mime_type=actual,
        size=incoming.size,
    )
    files.add(kept)
    return kept


def _described(kind: str, incoming: Incoming, hints: Hints) -> JsonObject:
    """All of a media object but its ids and its size."""
    look = incoming.look
    width, height = hints.width or look.width, hints.height or look.height
    duration = hints.duration_seconds or look.duration_seconds
    mime_type = look.mime_type or _named_type(incoming)
    name: JsonObject = {"file_name": incoming.file_name} if incoming.file_name else {}
    match kind:
        case "video" | "animation":
            size: JsonObject = {"width": width, "height": height, "duration": duration}
            return size | name | {"mime_type": mime_type}
        case "audio":
            words: JsonObject = {"performer": hints.performer, "title": hints.title}
            told = {word: value for word, value in words.items() if value}
            return {"duration": duration, **told, **name, "mime_type": mime_type}
        case "voice":
            return {"duration": duration, "mime_type": mime_type if look.is_sound else _named_type(incoming)}
        case "video_note":
            return {"length": width or 240, "duration": duration}
        case "sticker":
            return {
                "type": "regular",
                "width": width or 512,
                "height": height or 512,
                "is_animated": look.mime_type == "application/gzip",
                "is_video": look.mime_type == "video/webm",
                **({"emoji": hints.emoji} if hints.emoji else {}),
            }
        case _:
            # both are the sender's words
            return name | {"mime_type": _named_type(incoming)}


def _named_type(incoming: Incoming) -> str:
    """The type by the file's name, else by its sender's word, else by its bytes."""
    name = (incoming.file_name or "").lower()
    by_name = NAME_TYPES.get(name[name.rfind(".") :]) or mimetypes.guess_type(name)[0]
    said = incoming.mime_type if incoming.mime_type != "application/octet-stream" else None
    return by_name or (said or "").partition(";")[0] or incoming.look.mime_type or "application/octet-stream"


def _extension(mime_type: str, file_name: str | None) -> str:
    known = {"image/jpeg": ".jpg", "audio/ogg": ".oga", "audio/mp4": ".m4a", "image/webp": ".webp"}
    named = (file_name or "").rpartition(".")[2] if "." in (file_name or "") else ""
    if mime_type in known:
        return known[mime_type]
    return f".{named.lower()}" if named.isalnum() and named.isascii() else mimetypes.guess_extension(mime_type) or ""
