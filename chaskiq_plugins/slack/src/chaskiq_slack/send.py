"""Sending a piece: a text with or without buttons, or files with their text; the receipt holds the message's ts."""

from chaskiq_core.plugin import (
    ChannelContext,
    JsonObject,
    MovedError,
    Piece,
    Receipt,
    RecipientError,
    UnknownOutcomeError,
)
from chaskiq_slack.calling.api import Api
from chaskiq_slack.calling.files import link_of, send_files
from chaskiq_slack.calling.message import fields_of, metadata_of
from chaskiq_slack.calling.post import PUBLIC, post_message
from chaskiq_slack.chats import message_key
from chaskiq_slack.fields import id_at, object_at, ts_at
from chaskiq_slack.manifest import SlackSettings

PEOPLE = ("U", "W")


async def send_piece(piece: Piece, context: ChannelContext[SlackSettings]) -> Receipt:
    """Send one message; a SendError says what became of it otherwise."""
    api = Api(context)
    if piece.channel_id.startswith(PEOPLE):
        raise MovedError("a person is written to in a channel of its own", channel_id=await _open(piece, api))
    if any(file.media_id for file in piece.media):
        return await _send_files(piece, context, api)
    told = fields_of(piece)
    if piece.media:
        told = _with_links(told, piece)
    answer = await post_message(
        api, piece.channel_id, thread_ts=piece.thread_id or None, metadata=metadata_of(piece), **told
    )
    ts = ts_at(answer, "ts") or ts_at(object_at(answer, "message"), "ts")
    if not ts:
        raise UnknownOutcomeError("Slack said yes and told no ts")
    channel = id_at(answer, "channel") or piece.channel_id
    return Receipt(external_ids=(ts,), message_keys=(message_key(channel, ts),))


async def _send_files(piece: Piece, context: ChannelContext[SlackSettings], api: Api) -> Receipt:
    try:
        return await send_files(piece, context, api)
    except RecipientError as error:
        if error.code != "not_in_channel" or not piece.channel_id.startswith(PUBLIC):
            raise
    await api.write("conversations.join", channel=piece.channel_id)
    return await send_files(piece, context, api)


def _with_links(told: JsonObject, piece: Piece) -> JsonObject:
    lines = [str(told["text"]), *map(link_of, piece.media)]
    return {**told, "text": "\n".join(line for line in lines if line)}


async def _open(piece: Piece, api: Api) -> str:
    answer = await api.write("conversations.open", users=piece.channel_id)
    channel = id_at(object_at(answer, "channel"), "id")
    if not channel:
        raise RecipientError(f"Slack opened no conversation with {piece.channel_id}")
    return channel
