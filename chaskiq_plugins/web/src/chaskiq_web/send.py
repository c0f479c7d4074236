"""Sending where the provider is this house: what is sent was told to the contact's stream when it was written."""

from chaskiq_core.plugin import Piece, Receipt


def send_piece(piece: Piece) -> Receipt:
    """Taken, under our own name for it."""
    return Receipt(external_ids=(piece.key,), message_keys=(piece.key,))
