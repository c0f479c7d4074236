"""What a part says, before any channel's limits: its text, its files with addresses, its choices."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from chaskiq_core.content import (
    AudioBlock,
    Block,
    Document,
    FileBlock,
    ImageBlock,
    VideoBlock,
    document_from_text,
    read_document,
)
from chaskiq_core.conversations.media import attachments_of, find_media
from chaskiq_core.fitting.fit import FILES, Message
from chaskiq_core.media.links import SHARED_FOR
from chaskiq_core.media.sniff import kind_of
from chaskiq_core.model import ConversationPart, JsonObject, Media
from chaskiq_core.plugin.blocks import options_of
from chaskiq_core.plugin.outbound import OutgoingMedia, OutgoingType
from chaskiq_core.plugin.templates import OutgoingTemplate
from chaskiq_core.store.unit import Unit

AS_ATTACHED: Mapping[str, OutgoingType] = {"image": "image", "video": "video", "audio": "audio", "voice": "voice"}
TYPES: Mapping[type, OutgoingType] = {ImageBlock: "image", VideoBlock: "video", AudioBlock: "audio", FileBlock: "file"}
_TEMPLATE: TypeAdapter[OutgoingTemplate | None] = TypeAdapter(OutgoingTemplate | None)


def read_message(unit: Unit, part: ConversationPart) -> Message:
    """The part as a message that can be fitted."""
    content = read_document(part.content) if part.content else document_from_text(part.text)
    shown = [block.media_id for block in content.blocks if isinstance(block, FILES)]
    attachments = [one for one in attachments_of(part) if one.get("media") and one.get("state") == "ready"]
    known = find_media(unit, [*shown, *(str(one["media"]) for one in attachments)])
    blocks: list[Block] = []
    files: list[OutgoingMedia] = []
    for block in content.blocks:
        if isinstance(block, FILES):
            if (file := _of_block(unit, block, known)) is None:
                continue  # it is neither ours nor anybody's any more
            files.append(file)
        blocks.append(block)
    files += [_of_attachment(unit, one, known[str(one["media"])]) for one in attachments if one["media"] in known]
    return Message(
        content=Document(blocks=tuple(blocks)),
        files=tuple(files),
        options=options_of(part.block) if part.block else (),
        template=_TEMPLATE.validate_python(part.details.get("template")),
    )


def _of_block(
    unit: Unit, block: ImageBlock | VideoBlock | AudioBlock | FileBlock, known: Mapping[str, Media]
) -> OutgoingMedia | None:
    media = known.get(block.media_id or "")
    if media is None and block.url is None:
        return None
    size = (block.width, block.height) if isinstance(block, ImageBlock) else (None, None)
    kind = TYPES[type(block)]
    if media is None:
        name = block.caption if isinstance(block, FileBlock) and block.caption else _last_part(block.url or "")
        return OutgoingMedia(type=kind, media_id=None, url=block.url or "", filename=name)
    return _outgoing(unit, media, kind, width=size[0], height=size[1])


def _of_attachment(unit: Unit, one: JsonObject, media: Media) -> OutgoingMedia:
    kind = one.get("type")
    duration = one.get("duration")
    return _outgoing(
        unit,
        media,
        AS_ATTACHED.get(str(kind), "file"),
        duration=float(duration) if isinstance(duration, int | float) else None,
    )


def _outgoing(
    unit: Unit,
    media: Media,
    kind: OutgoingType,
    *,
    duration: float | None = None,
    width: int | None = None,
    height: int | None = None,
) -> OutgoingMedia:
    # what a block calls an image may be none: the provider would refuse it
    actual = kind if kind in ("file", "voice") or kind_of(media.mime) == kind else "file"
    return OutgoingMedia(
        type=actual,
        media_id=media.key,
        url=unit.media_url(media.key, valid_for=SHARED_FOR) or "",
        filename=media.filename,
        mime=media.mime,
        size=media.size,
        duration=duration,
        width=width,
        height=height,
    )


def _last_part(url: str) -> str:
    return url.partition("?")[0].rstrip("/").rpartition("/")[2][:100] or "file"
