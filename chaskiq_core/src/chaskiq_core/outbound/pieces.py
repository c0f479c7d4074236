"""Pieces as the ledger keeps them."""

from dataclasses import asdict

from pydantic import TypeAdapter

from chaskiq_core.content import Document, read_document, write_document
from chaskiq_core.fitting.fit import FittedPiece
from chaskiq_core.model import JsonObject
from chaskiq_core.plugin.outbound import Option, OutgoingMedia
from chaskiq_core.plugin.templates import OutgoingTemplate

_MEDIA = TypeAdapter(tuple[OutgoingMedia, ...])
_TEMPLATE: TypeAdapter[OutgoingTemplate | None] = TypeAdapter(OutgoingTemplate | None)
_OPTIONS = TypeAdapter(tuple[Option, ...])


def write_piece(piece: FittedPiece) -> JsonObject:
    """The piece as JSON."""
    written: dict[str, object] = {"text": piece.text, "content": write_document(piece.content)}
    if piece.media:
        written["media"] = [asdict(one) for one in piece.media]
    if piece.template is not None:
        written["template"] = asdict(piece.template)
    if piece.options:
        written["options"] = [asdict(one) for one in piece.options]
    return written


def read_piece(stored: JsonObject) -> FittedPiece:
    """The piece again."""
    return FittedPiece(
        text=str(stored["text"]),
        content=read_document(stored["content"]),
        media=_MEDIA.validate_python(stored.get("media", ())),
        template=_TEMPLATE.validate_python(stored.get("template")),
        options=_OPTIONS.validate_python(stored.get("options", ())),
    )


def withdrawn_piece() -> JsonObject:
    """A piece that was taken back: nothing is left of it but its place."""
    return {**write_piece(FittedPiece(text="", content=Document())), "withdrawn": True}


def is_withdrawn(stored: JsonObject) -> bool:
    """Whether the piece was taken back."""
    return bool(stored.get("withdrawn"))
