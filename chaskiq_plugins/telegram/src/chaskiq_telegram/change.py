"""Changing what was sent, and taking it back; what is so already counts as done."""

from chaskiq_core.plugin import ChannelContext, ContentError, Piece, SentMessage
from chaskiq_telegram.calling.keyboard import keyboard_of
from chaskiq_telegram.calling.looks import with_looks
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.chats import thread_of
from chaskiq_telegram.fields import whole
from chaskiq_telegram.manifest import TelegramSettings

SO_ALREADY = "message is not modified"
GONE_ALREADY = "message to delete not found"


async def edit_message(piece: Piece, sent: SentMessage, context: ChannelContext[TelegramSettings]) -> None:
    """Bring the text, or the caption of the first file, to what the piece says."""
    request = ContextRequest(context)
    message_id, connection = whole(sent.external_ids[0]), thread_of(sent.thread_id).connection

    async def edit(text: str, mode: str | None) -> object:
        markup = keyboard_of(piece.options)
        if piece.media:
            call = request.bot.edit_message_caption(
                sent.channel_id,
                message_id,
                caption=text or None,
                parse_mode=mode,
                reply_markup=markup,
                business_connection_id=connection,
            )
        else:
            call = request.bot.edit_message_text(
                text,
                sent.channel_id,
                message_id,
                parse_mode=mode,
                reply_markup=markup,
                business_connection_id=connection,
            )
        return await request.result_of(call)

    try:
        await with_looks(piece, context.log, edit)
    except ContentError as error:
        if SO_ALREADY not in error.message.lower():
            raise


async def delete_message(sent: SentMessage, context: ChannelContext[TelegramSettings]) -> None:
    """Take the message back, or all of an album."""
    request = ContextRequest(context)
    ids = [number for one in sent.external_ids if (number := whole(one)) is not None]
    connection = thread_of(sent.thread_id).connection
    try:
        if connection:
            await request.result_of(request.bot.delete_business_messages(connection, ids))
        elif len(ids) == 1:
            await request.result_of(request.bot.delete_message(sent.channel_id, ids[0]))
        else:
            await request.result_of(request.bot.delete_messages(sent.channel_id, ids))
    except ContentError as error:
        if GONE_ALREADY not in error.message.lower():
            raise
