"""Content cut to what a channel carries: a list of messages, each within the manifest's limits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chaskiq_core.content import (
    AudioBlock,
    Block,
    Document,
    FileBlock,
    ImageBlock,
    VideoBlock,
    document_from_text,
    text_of,
)
from chaskiq_core.fitting.albums import as_albums, carried
from chaskiq_core.fitting.looks import measure_document
from chaskiq_core.fitting.split import cut_document, split_text
from chaskiq_core.plugin.manifest import Capabilities, Level, TextCapability
from chaskiq_core.plugin.outbound import Option, OutgoingMedia
from chaskiq_core.plugin.templates import OutgoingTemplate

FILES = (ImageBlock, VideoBlock, AudioBlock, FileBlock)
Run = Document | tuple[OutgoingMedia, ...]
"""Text, or files that go together."""


NOTHING = Document()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a part says, before any channel's limits."""

    content: Document = NOTHING
    files: tuple[OutgoingMedia, ...] = ()
    """In order: those of the content's own blocks, then the attachments."""
    options: tuple[Option, ...] = ()
    template: OutgoingTemplate | None = None
    """A provider's template; the content is what it says, filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPiece:
    """One message: its text, the same with marks, and what it carries."""

    text: str
    content: Document
    media: tuple[OutgoingMedia, ...] = ()
    options: tuple[Option, ...] = ()
    template: OutgoingTemplate | None = None


def numbered(options: Sequence[Option]) -> str:
    """Choices as numbered lines."""
    return "\n".join(f"{n}. {option.label}" for n, option in enumerate(options, 1))


def fit(message: Message, capabilities: Capabilities) -> list[FittedPiece]:
    """The messages that carry a part; none if there is nothing that the channel could carry.

    Files go by their type, several as an album where the channel has that; one that is too large, or of a type that it
    does not take, is a link. The text beside a file is its caption if it is short enough. A longer text is cut between
    its blocks, and a long block at a line, sentence or word, as plain text. Options are buttons, or numbered lines. A
    template is one message, or its text where the channel has none.
    """
    if message.template is not None and capabilities.templates not in (Level.DROPPED, Level.REJECTED):
        piece = _piece(message.content, media=message.files[:1])
        return [replace(piece, template=message.template)]
    pieces: list[FittedPiece] = []
    runs = _runs(message, capabilities)
    n = 0
    while n < len(runs):
        run, after = runs[n], runs[n + 1] if n + 1 < len(runs) else None
        n += 1
        if isinstance(run, tuple):
            if isinstance(after, Document) and _is_caption(after, run, capabilities):
                pieces.append(_piece(after, media=run))
                n += 1
            else:
                pieces.append(FittedPiece(text="", content=Document(), media=run))
        elif isinstance(after, tuple) and _is_caption(run, after, capabilities) and not _has_own(runs, n, capabilities):
            pieces.append(_piece(run, media=after))
            n += 1
        else:
            pieces += _texts(run, capabilities.text)
    return _with_options(pieces, message.options, capabilities)


def _runs(message: Message, capabilities: Capabilities) -> list[Run]:
    """Texts and files in their order; what can't go as a file is a text with a link."""
    runs: list[Run] = []
    waiting = list(message.files)
    blocks: list[Block] = []
    own = 0
    for block in message.content.blocks:
        if not isinstance(block, FILES):
            blocks.append(block)
            continue
        own += 1
        _add_text(runs, blocks)
        _add_file(runs, waiting.pop(0), capabilities)
        if block.caption and not isinstance(block, FileBlock):
            blocks.extend(document_from_text(block.caption).blocks)
    _add_text(runs, blocks)
    for file in waiting:
        _add_file(runs, file, capabilities)
    return as_albums(runs, capabilities.album)


def _add_text(runs: list[Run], blocks: list[Block]) -> None:
    document = Document(blocks=tuple(blocks))
    blocks.clear()
    if not text_of(document).strip():
        return
    if runs and isinstance(last := runs[-1], Document):
        runs[-1] = Document(blocks=last.blocks + document.blocks)
    else:
        runs.append(document)


def _add_file(runs: list[Run], file: OutgoingMedia, capabilities: Capabilities) -> None:
    if (one := carried(file, capabilities.media)) is not None:
        runs.append((one,))
    elif file.url:
        _add_text(runs, list(document_from_text(f"{file.filename}: {file.url}").blocks))


def _is_caption(document: Document, files: tuple[OutgoingMedia, ...], capabilities: Capabilities) -> bool:
    limit = capabilities.caption
    takes_it = all(capabilities.media[file.type].caption for file in files)
    return takes_it and limit is not None and measure_document(document, limit) <= limit.max_length


def _has_own(runs: Sequence[Run], n: int, capabilities: Capabilities) -> bool:
    """Whether the files at `n` have a text behind them that is their caption."""
    files, after = runs[n], runs[n + 1] if n + 1 < len(runs) else None
    return isinstance(after, Document) and isinstance(files, tuple) and _is_caption(after, files, capabilities)


def _texts(document: Document, limit: TextCapability) -> list[FittedPiece]:
    if limit.level in (Level.DROPPED, Level.REJECTED):
        return []
    text = text_of(document)
    if measure_document(document, limit) <= limit.max_length:
        plain = limit.level is Level.FALLBACK
        return [FittedPiece(text=text, content=document_from_text(text) if plain else document)]
    if limit.level is Level.FALLBACK:
        return [FittedPiece(text=cut, content=document_from_text(cut)) for cut in split_text(text, limit)]
    return [_piece(cut) for cut in cut_document(document, limit, lambda cut: measure_document(cut, limit))]


def _piece(document: Document, *, media: tuple[OutgoingMedia, ...] = ()) -> FittedPiece:
    return FittedPiece(text=text_of(document), content=document, media=media)


def _with_options(
    pieces: list[FittedPiece], options: tuple[Option, ...], capabilities: Capabilities
) -> list[FittedPiece]:
    """The last message with buttons, or with the choices as numbered lines."""
    if not options or not pieces:
        return pieces
    limit = capabilities.options
    fit_buttons = limit is not None and (
        len(options) <= limit.max_options
        and all(len(one.label) <= limit.max_label for one in options)
        and len(pieces[-1].media) <= (1 if limit.with_media else 0)
    )
    if fit_buttons:
        return [*pieces[:-1], replace(pieces[-1], options=options)]
    lines = document_from_text(numbered(options))
    last = pieces[-1]
    joined = Document(blocks=last.content.blocks + lines.blocks)
    if last.media or measure_document(joined, capabilities.text) > capabilities.text.max_length:
        return [*pieces, *_texts(lines, capabilities.text)]
    return [*pieces[:-1], _piece(joined)]
