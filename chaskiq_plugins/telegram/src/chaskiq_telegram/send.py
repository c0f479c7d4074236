"""Sending a piece: with its looks, and plainly if Telegram can't read them; the receipt holds the ids it gave."""

from telegram import ReplyParameters
from telegram.constants import ParseMode

from chaskiq_core.plugin import ChannelContext, ContentError, Piece, Receipt, UnknownOutcomeError, clean_text
from chaskiq_telegram.chats import Thread, thread_of
from chaskiq_telegram.fields import number_id_at, object_at, whole
from chaskiq_telegram.manifest import TelegramSettings
from chaskiq_telegram.markup import telegram_html
from chaskiq_telegram.request import ContextRequest
from chaskiq_telegram.update import Place

UNREADABLE_MARKUP = "can't parse entities"


async def send_piece(piece: Piece, context: ChannelContext[TelegramSettings]) -> Receipt:
    """Send one message; a SendError says what became of it otherwise."""
    request = ContextRequest(context)
    html = telegram_html(piece.content)
    if html is None:
        return await _send(request, piece, clean_text(piece.text))
    try:
        return await _send(request, piece, clean_text(html), parse_mode=ParseMode.HTML)
    except ContentError as error:
        if UNREADABLE_MARKUP not in error.message.lower():
            raise
        context.log.warning("Telegram can't read our HTML, the text goes out without looks: %s", error.message)
    return await _send(request, piece, clean_text(piece.text))


async def _send(request: ContextRequest, piece: Piece, text: str, *, parse_mode: str | None = None) -> Receipt:
    thread = thread_of(piece.thread_id)
    result = await request.result_of(
        request.bot.send_message(
            piece.channel_id,
            text,
            parse_mode=parse_mode,
            message_thread_id=thread.topic,
            direct_messages_topic_id=thread.direct_topic,
            business_connection_id=thread.connection,
            reply_parameters=_reply(piece.reply_to),
        )
    )
    return _receipt(result, piece, thread)


def _reply(message_id: str | None) -> ReplyParameters | None:
    """The message that is answered; if it is gone, the answer goes out all the same."""
    number = whole(message_id)
    return ReplyParameters(number, allow_sending_without_reply=True) if number else None


def _receipt(result: object, piece: Piece, thread: Thread) -> Receipt:
    message = result if isinstance(result, dict) else {}
    message_id = number_id_at(message, "message_id")
    if not message_id:
        raise UnknownOutcomeError("Telegram said yes and told no message_id")
    chat_id = number_id_at(object_at(message, "chat"), "id") or piece.channel_id
    place = Place(chat_id, thread.connection or "")
    return Receipt(external_ids=(message_id,), message_keys=(f"{place.name}:{message_id}",))
