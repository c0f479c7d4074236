"""What WhatsApp is told in passing: a message was read, somebody writes; the one can't be said without the other."""

from chaskiq_core.plugin import ChannelContext
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.manifest import WhatsAppSettings


async def mark_read(thread_id: str, message_id: str, context: ChannelContext[WhatsAppSettings]) -> None:
    """Blue ticks under the person's message, and under all before it."""
    await _tell({"message_id": message_id}, thread_id, context)


async def show_typing(thread_id: str, message_id: str, context: ChannelContext[WhatsAppSettings]) -> None:
    """Shown for 25 seconds, or until the next message; it needs a message of theirs, which is marked read."""
    if message_id:
        await _tell({"message_id": message_id, "typing_indicator": {"type": "text"}}, thread_id, context)


async def _tell(told: dict[str, object], thread_id: str, context: ChannelContext[WhatsAppSettings]) -> None:
    number_id = thread_id or context.settings.phone_number_id
    body = {"messaging_product": "whatsapp", "status": "read", **told}
    await Graph(context).post_again(f"{number_id}/messages", body)
