"""The files of a conversation: those that came in are fetched after their part exists; uploads are named by id."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from pydantic import TypeAdapter

from chaskiq_core.content import Document, media_ids
from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.conversations.edit import publish_again
from chaskiq_core.deliveries.plan import send_with_files
from chaskiq_core.errors import InvalidError
from chaskiq_core.media.file_store import StoredFile
from chaskiq_core.media.sniff import SHOWN, UNKNOWN, extension_of, kind_of
from chaskiq_core.model import ConversationPart, JsonObject, Media
from chaskiq_core.model.ids import AgentId, IntegrationId
from chaskiq_core.plugin.events import Attachment
from chaskiq_core.store.unit import Unit

FETCH_JOB = "media"
MAX_ATTACHMENTS = 10
MAX_FILENAME = 200
STICKERS = frozenset({"image/webp", "image/png", "video/webm", "application/gzip"})
SHOWABLE = frozenset({"image", "video", "audio", "voice", "sticker"})
WRAPPINGS = frozenset({UNKNOWN, "application/zip", "application/gzip", "text/xml"})
"""Texts, office files and many more look like these."""
_ATTACHMENT = TypeAdapter(Attachment)
_FIELDS = frozenset(field.name for field in fields(Attachment))


def add_media(unit: Unit, file: StoredFile, *, agent_id: AgentId | None = None) -> Media:
    """The file's row."""
    return unit.add(
        Media(
            app_id=unit.app_id,
            id=unit.new_id(),
            key=file.key,
            filename=clean_filename(file.filename) or f"file.{extension_of(file.mime)}",
            mime=file.mime,
            size=file.size,
            agent_id=agent_id,
            created_at=unit.now,
        )
    )


def find_media(unit: Unit, keys: Iterable[str | None]) -> dict[str, Media]:
    """Files of this App by key, in one statement."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    return {media.key: media for media in unit.all(unit.select(Media).where(Media.key.in_(wanted)))}


def uploaded(unit: Unit, keys: Sequence[str]) -> list[JsonObject]:
    """Uploads as attachments of a new part; InvalidError for one that is not this App's."""
    known = find_media(unit, keys)
    for key in keys:
        if key not in known:
            raise InvalidError(f"attachments: there is no uploaded file {key[:64]!r}")
    return [
        {
            "type": kind_of(known[key].mime),
            "media": key,
            "filename": known[key].filename,
            "mime": known[key].mime,
            "size": known[key].size,
            "state": "ready",
        }
        for key in keys
    ]


def check_media(unit: Unit, content: Document) -> None:
    """InvalidError if the document shows a file that is not this App's."""
    ids = media_ids(content)
    if missing := sorted(ids - find_media(unit, ids).keys()):
        raise InvalidError(f"content: there is no uploaded file {missing[0][:64]!r}")


def plan_fetches(unit: Unit, part: ConversationPart, integration_id: IntegrationId) -> None:
    """A Job for each file of the part that is still at its provider."""
    for n, one in enumerate(attachments_of(part)):
        if one.get("state") == "pending":
            # a later edit may bring another file in the same place: another job
            file = hashlib.sha256(str(one["provider_file_id"]).encode()).hexdigest()[:16]
            unit.enqueue(
                FETCH_JOB,
                f"media/{part.key}/{n}/{file}",
                {"part": part.key, "n": n, "integration": integration_id, "file": one["provider_file_id"]},
                integration_id=integration_id,
            )


def pending_attachment(part: ConversationPart, n: int, provider_file_id: str) -> Attachment | None:
    """The attachment that a fetch is for; None: it was fetched, given up, or is another file by now."""
    listed = attachments_of(part)
    one = listed[n] if n < len(listed) else {}
    if one.get("state") != "pending" or one.get("provider_file_id") != provider_file_id:
        return None
    return _ATTACHMENT.validate_python({name: value for name, value in one.items() if name in _FIELDS})


def settle_fetch(unit: Unit, dialogue: Dialogue, part: ConversationPart, n: int, file: StoredFile | None) -> None:
    """The attachment is ready, as what its bytes are; None: it can't be had."""
    listed = attachments_of(part)
    if file is None:
        listed[n] = {**listed[n], "state": "failed"}
    else:
        add_media(unit, file)
        listed[n] = {
            **listed[n],
            "state": "ready",
            "media": file.key,
            "mime": _shown_mime(listed[n].get("mime"), file.mime),
            "size": file.size,
            "type": _actual_type(str(listed[n].get("type")), file.mime),
        }
    part.details = {**part.details, "attachments": listed}
    send_with_files(unit, part)
    publish_again(unit, dialogue, part)


def keep_fetched(former: Sequence[JsonObject], attachments: Sequence[JsonObject]) -> list[JsonObject]:
    """The attachments of an edited message, those files that we have already as they are."""
    had = {one.get("provider_file_id"): one for one in former if one.get("state") != "pending"}
    return [had.get(one.get("provider_file_id"), one) if one.get("provider_file_id") else one for one in attachments]


def attachments_of(part: ConversationPart) -> list[JsonObject]:
    """The part's attachments as they are stored."""
    listed = part.details.get("attachments")
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, Sequence) else []


def clean_filename(name: str) -> str:
    """A name that is no path and holds nothing that can't be printed."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip(" .")[:MAX_FILENAME]


def _actual_type(told: str, mime: str) -> str:
    """What a sender calls it, unless its bytes are surely something else: then it is a file."""
    kind = kind_of(mime)
    if told not in SHOWABLE or mime == UNKNOWN:
        return told
    match told:
        case "sticker":
            return told if mime in STICKERS else "file"
        case "voice":
            return told if kind == "audio" else "file"
        case _:
            # an animation may be a picture, a sound may come in a film's container
            return kind


def _shown_mime(told: object, mime: str) -> str:
    """What its bytes show; a sender's word counts where they show little, and never for what a browser would show."""
    return str(told) if mime in WRAPPINGS and told and told not in SHOWN else mime
