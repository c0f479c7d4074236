"""Sending a piece: a text, a file with its caption, a question, a template; the receipt holds the id."""

import re

from chaskiq_core.plugin import ChannelContext, JsonObject, Piece, Receipt, UnknownOutcomeError, clean_text
from chaskiq_whatsapp.calling.files import file_message
from chaskiq_whatsapp.calling.graph import Graph
from chaskiq_whatsapp.calling.interactive import interactive_message
from chaskiq_whatsapp.fields import id_at, objects_at, person_id_at
from chaskiq_whatsapp.manifest import MAX_CAPTION_CODE_POINTS, MAX_TEXT_CODE_POINTS, WhatsAppSettings
from chaskiq_whatsapp.markup import neutral, whatsapp_text
from chaskiq_whatsapp.templates import template_message

_PHONE = re.compile(r"[0-9]{3,20}", re.ASCII)
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)
_LINK = re.compile(r"https?://", re.IGNORECASE)


async def send_piece(piece: Piece, context: ChannelContext[WhatsAppSettings]) -> Receipt:
    """Send one message; a SendError says what became of it otherwise."""
    graph = Graph(context)
    # A chat of another of the app's numbers is answered from that number.
    number_id = piece.thread_id or context.settings.phone_number_id
    body: dict[str, object] = {"messaging_product": "whatsapp", **recipient_of(piece.channel_id)}
    if piece.key:
        body["biz_opaque_callback_data"] = piece.key
    if piece.reply_to:
        body["context"] = {"message_id": piece.reply_to}
    if piece.template is not None:
        body |= await template_message(piece, piece.template, graph, number_id, context)
    elif piece.media:
        caption = formatted(piece, MAX_CAPTION_CODE_POINTS)
        body |= await file_message(piece.media[0], caption, graph, number_id, context)
    elif piece.options:
        body |= interactive_message(formatted(piece, MAX_TEXT_CODE_POINTS), piece.options)
    else:
        text = formatted(piece, MAX_TEXT_CODE_POINTS)
        body |= {"type": "text", "text": {"body": text, "preview_url": _LINK.search(text) is not None}}
    return receipt_of(await graph.post(f"{number_id}/messages", body), piece)


def recipient_of(channel_id: str) -> JsonObject:
    """A phone number, a person who is known by their user id alone, or a group."""
    if _PHONE.fullmatch(channel_id):
        return {"recipient_type": "individual", "to": f"+{channel_id}"}
    if _USER_ID.fullmatch(channel_id):
        return {"recipient_type": "individual", "recipient": channel_id}
    return {"recipient_type": "group", "to": channel_id}


def formatted(piece: Piece, most: int) -> str:
    """The text with its looks, while it is short enough with them."""
    several = (whatsapp_text(piece.content), neutral(piece.text), piece.text)
    texts = [clean_text(text) for text in several]
    return next((text for text in texts if len(text) <= most), texts[-1])


def receipt_of(answer: JsonObject, piece: Piece) -> Receipt:
    """The message's id, and what else Meta calls its recipient."""
    message_id = next((found for one in objects_at(answer, "messages") if (found := id_at(one, "id"))), "")
    if not message_id:
        raise UnknownOutcomeError("WhatsApp said yes and told no message id")
    contact = next(iter(objects_at(answer, "contacts")), {})
    names = (person_id_at(contact, "wa_id"), id_at(contact, "user_id"))
    return Receipt(
        external_ids=(message_id,),
        message_keys=(message_id,),
        aliases=tuple(name for name in names if name and name != piece.channel_id),
    )
