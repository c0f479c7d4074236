"""What Telegram is told in passing: somebody writes, a press was heard."""

from telegram.constants import ChatAction

from chaskiq_core.plugin import ChannelContext, ContentError
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.chats import thread_of
from chaskiq_telegram.manifest import TelegramSettings

TOO_OLD = "query is too old"


async def show_typing(channel_id: str, thread_id: str, context: ChannelContext[TelegramSettings]) -> None:
    """Telegram shows it for five seconds, or until the next message."""
    request = ContextRequest(context)
    thread = thread_of(thread_id)
    await request.result_of(
        request.bot.send_chat_action(
            channel_id,
            ChatAction.TYPING,
            message_thread_id=thread.topic,
            business_connection_id=thread.connection,
        )
    )


async def acknowledge_press(callback_id: str, context: ChannelContext[TelegramSettings]) -> None:
    """The button stops to wait."""
    request = ContextRequest(context)
    try:
        await request.result_of(request.bot.answer_callback_query(callback_id))
    except ContentError as error:
        # nobody waits for it any more: it had its two minutes
        if TOO_OLD not in error.message.lower():
            raise
