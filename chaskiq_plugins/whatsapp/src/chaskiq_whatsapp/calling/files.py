"""Files on their way out: uploaded from our store, or named by their address; a piece carries one."""

from chaskiq_core.plugin import ChannelContext, ContentError, JsonObject, OutgoingMedia, UnknownOutcomeError
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.fields import id_at
from chaskiq_whatsapp.manifest import WhatsAppSettings

KINDS = {"image": "image", "video": "video", "audio": "audio", "voice": "audio", "file": "document"}
"""Meta's names."""
WITH_CAPTION = frozenset({"image", "video", "document"})
VOICE_TYPE = "audio/ogg"


async def file_message(
    file: OutgoingMedia, caption: str, graph: Graph, number_id: str, context: ChannelContext[WhatsAppSettings]
) -> JsonObject:
    """The part of a message that names its type and its file."""
    kind = KINDS[file.type]
    told = await source_of(file, graph, number_id, context)
    if caption and kind in WITH_CAPTION:
        told["caption"] = caption
    if kind == "document":
        told["filename"] = file.filename
    if file.type == "voice" and (file.mime or "").partition(";")[0] == VOICE_TYPE:
        told["voice"] = True
    return {"type": kind, kind: told}


async def source_of(
    file: OutgoingMedia, graph: Graph, number_id: str, context: ChannelContext[WhatsAppSettings]
) -> dict[str, object]:
    """Where Meta finds the file: by the id of its upload, or at somebody else's address."""
    if file.media_id is None:
        if not file.url.startswith(("http://", "https://")):
            raise ContentError(f"WhatsApp fetches files by http only, not {file.filename}")
        return {"link": file.url}
    mime = (file.mime or "application/octet-stream").partition(";")[0]
    async with context.media.open(file.media_id) as stream:
        answer = await graph.upload(
            f"{number_id}/media",
            {"messaging_product": "whatsapp", "type": mime},
            {"file": (file.filename, stream, mime)},
        )
    uploaded = id_at(answer, "id")
    if not uploaded:
        raise UnknownOutcomeError("WhatsApp took a file and told no id of it")
    return {"id": uploaded}
