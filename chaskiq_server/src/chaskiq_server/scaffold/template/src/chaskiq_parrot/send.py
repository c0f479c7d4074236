"""A piece as Parrot's call, its answer as a receipt."""

from chaskiq_core.plugin import ChannelContext, Piece, Receipt, UnknownOutcomeError
from chaskiq_parrot.calls import call
from chaskiq_parrot.elements import id_at
from chaskiq_parrot.manifest import ParrotSettings


async def send_piece(piece: Piece, context: ChannelContext[ParrotSettings]) -> Receipt:
    """One message; a SendError by its consequence."""
    body = {"chat": piece.channel_id, "text": piece.text, "reply_to": piece.reply_to}
    answer = await call(context, "/messages", body)
    message_id = id_at(answer, "id")
    if not message_id:
        raise UnknownOutcomeError("Parrot's answer names no message")
    return Receipt(external_ids=(message_id,), message_keys=(f"{piece.channel_id}:{message_id}",))
