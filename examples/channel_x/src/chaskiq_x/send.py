"""A piece as X's call, its answer as a receipt."""

from chaskiq_core.plugin import ChannelContext, Piece, Receipt, RecipientError, UnknownOutcomeError
from chaskiq_x.calls import call
from chaskiq_x.elements import NUMBER, id_at, object_at
from chaskiq_x.manifest import XSettings


async def send_piece(piece: Piece, context: ChannelContext[XSettings]) -> Receipt:
    """One message; a SendError by its consequence."""
    if not NUMBER.fullmatch(piece.channel_id):
        raise RecipientError("X knows people by their numbers only")
    path = f"/2/dm_conversations/with/{piece.channel_id}/messages"
    answer = await call(context, "POST", path, {"text": piece.text})
    try:
        told: object = answer.json()
    except ValueError as error:
        raise UnknownOutcomeError("X's answer can't be read") from error
    message_id = id_at(object_at(told, "data"), "dm_event_id")
    if not message_id:
        raise UnknownOutcomeError("X's answer names no message")
    return Receipt(external_ids=(message_id,), message_keys=(message_id,))
