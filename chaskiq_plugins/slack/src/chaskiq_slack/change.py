"""Changing what was sent, and taking it back; what is so already counts as done."""

from chaskiq_core.plugin import ChannelContext, ContentError, Piece, SentMessage
from chaskiq_slack.calling.api import Api
from chaskiq_slack.calling.files import comment_of
from chaskiq_slack.calling.message import fields_of, metadata_of
from chaskiq_slack.manifest import SlackSettings

GONE = frozenset({"message_not_found", "file_not_found", "file_deleted"})
FILE = "F"


async def edit_message(piece: Piece, sent: SentMessage, context: ChannelContext[SlackSettings]) -> None:
    """Bring the text to what the piece says."""
    [message_id, *_] = sent.external_ids
    if message_id.startswith(FILE):
        raise ContentError("Slack did not say which message the file came with, so its text can't be changed")
    # A message that had buttons keeps them unless it is told otherwise.
    told = {"text": comment_of(piece)} if piece.media else {"blocks": [], **fields_of(piece)}
    told.pop("mrkdwn", None)
    await Api(context).write("chat.update", channel=sent.channel_id, ts=message_id, metadata=metadata_of(piece), **told)


async def delete_message(sent: SentMessage, context: ChannelContext[SlackSettings]) -> None:
    """Take the message back, or the files that came without one."""
    api = Api(context)
    for one in sent.external_ids:
        try:
            if one.startswith(FILE):
                await api.write("files.delete", file=one)
            else:
                await api.write("chat.delete", channel=sent.channel_id, ts=one)
        except ContentError as error:
            if error.code not in GONE:
                raise
