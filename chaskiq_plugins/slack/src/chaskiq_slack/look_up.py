"""Whether a message that may have been sent is there: by the name that we gave it, in the channel's history."""

from datetime import datetime

from chaskiq_core.plugin import ChannelContext, JsonObject, Piece, Receipt, UnknownOutcomeError
from chaskiq_slack.calling.api import Api
from chaskiq_slack.calling.files import comment_of
from chaskiq_slack.chats import message_key
from chaskiq_slack.fields import count_at, is_true, object_at, objects_at, text_at, ts_at
from chaskiq_slack.manifest import OUR_METADATA, SlackSettings

PAGE = 200
MAX_PAGES = 5


async def find_piece(piece: Piece, since: datetime, context: ChannelContext[SlackSettings]) -> Receipt | None:
    """The receipt of a piece that is there; None: it is not. UnknownOutcomeError if too much was written since."""
    api = Api(context)
    cursor = ""
    for _ in range(MAX_PAGES):
        answer = await api.read(
            "conversations.replies" if piece.thread_id else "conversations.history",
            channel=piece.channel_id,
            ts=piece.thread_id or None,
            oldest=f"{since.timestamp():.6f}",
            include_all_metadata=True,
            limit=PAGE,
            cursor=cursor or None,
        )
        found = [ts for one in objects_at(answer, "messages") if _is_it(one, piece) and (ts := ts_at(one, "ts"))]
        if found:
            return Receipt(external_ids=(found[0],), message_keys=(message_key(piece.channel_id, found[0]),))
        cursor = text_at(object_at(answer, "response_metadata"), "next_cursor")
        if not cursor or not is_true(answer, "has_more"):
            return None
    raise UnknownOutcomeError("too much was written there since to find one message")


def _is_it(message: JsonObject, piece: Piece) -> bool:
    if piece.media:
        return _has_files(message, piece)
    metadata = object_at(message, "metadata")
    named = text_at(object_at(metadata, "event_payload"), "key")
    return text_at(metadata, "event_type") == OUR_METADATA and bool(piece.key) and named == piece.key


def _has_files(message: JsonObject, piece: Piece) -> bool:
    """Files carry no name of ours: they are known by what they are called, their sizes and the text beside them."""
    if text_at(message, "text") != comment_of(piece):
        return False
    files = [(text_at(one, "name"), count_at(one, "size")) for one in objects_at(message, "files")]
    return [name for name, _ in files] == [file.filename for file in piece.media] and all(
        file.size is None or size == file.size for (_, size), file in zip(files, piece.media, strict=True)
    )
