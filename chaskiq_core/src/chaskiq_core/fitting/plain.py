"""A message that the provider refused, said more simply: plain text, its choices numbered, its files as links. Pure."""

from chaskiq_core.content import document_from_text
from chaskiq_core.fitting.fit import FittedPiece, numbered


def plain(piece: FittedPiece) -> FittedPiece | None:
    """The piece as nothing but text; None if it is that already, or nothing would be left."""
    if piece.template is not None:
        return None  # it was a template because nothing else is taken
    links = [f"{file.filename}: {file.url}" for file in piece.media if file.url]
    text = "\n".join(line for line in (piece.text, *links, numbered(piece.options)) if line)
    simple = FittedPiece(text=text, content=document_from_text(text))
    return simple if text.strip() and simple != piece else None
