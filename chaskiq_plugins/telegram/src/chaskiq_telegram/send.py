"""Sending a piece: a text, a file with its caption, or an album; the receipt holds the ids that Telegram gave."""

from telegram import ReplyParameters

from chaskiq_core.plugin import ChannelContext, Piece, Receipt, UnknownOutcomeError
from chaskiq_telegram.calling.files import Common, send_files
from chaskiq_telegram.calling.keyboard import keyboard_of
from chaskiq_telegram.calling.looks import with_looks
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.chats import Thread, thread_of
from chaskiq_telegram.fields import number_id_at, object_at, whole
from chaskiq_telegram.manifest import TelegramSettings
from chaskiq_telegram.update import Place


async def send_piece(piece: Piece, context: ChannelContext[TelegramSettings]) -> Receipt:
    """Send one message, or one album; a SendError says what became of it otherwise."""
    request = ContextRequest(context)
    thread = thread_of(piece.thread_id)
    common = Common(
        message_thread_id=thread.topic,
        direct_messages_topic_id=thread.direct_topic,
        business_connection_id=thread.connection,
        reply_parameters=_reply(piece.reply_to),
    )
    if piece.media:
        result = await send_files(piece, context, request, common)
    else:
        result = await with_looks(
            piece,
            context.log,
            lambda text, mode: request.result_of(
                request.bot.send_message(
                    piece.channel_id, text, parse_mode=mode, reply_markup=keyboard_of(piece.options), **common
                )
            ),
        )
    return _receipt(result if isinstance(result, list) else [result], piece, thread)


def _reply(message_id: str | None) -> ReplyParameters | None:
    """The message that is answered; if it is gone, the answer goes out all the same."""
    number = whole(message_id)
    return ReplyParameters(number, allow_sending_without_reply=True) if number else None


def _receipt(results: list[object], piece: Piece, thread: Thread) -> Receipt:
    messages = [result if isinstance(result, dict) else {} for result in results]
    ids = [number_id_at(message, "message_id") for message in messages]
    if not ids or not all(ids):
        raise UnknownOutcomeError("Telegram said yes and told no message_id")
    chat_id = number_id_at(object_at(messages[0], "chat"), "id") or piece.channel_id
    place = Place(chat_id, thread.connection or "")
    return Receipt(external_ids=tuple(ids), message_keys=tuple(f"{place.name}:{message_id}" for message_id in ids))
