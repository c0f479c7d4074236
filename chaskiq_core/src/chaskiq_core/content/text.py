"""Plain text to a document and back, keeping every character a customer typed except surplus blank lines."""

import re
from collections.abc import Iterable
from typing import assert_never

from chaskiq_core.content.document import (
    MAX_CHARACTERS,
    MAX_NODES,
    AudioBlock,
    Block,
    Blockquote,
    BulletList,
    CodeBlock,
    DividerBlock,
    Document,
    EmbedBlock,
    FileBlock,
    HardBreak,
    Heading,
    ImageBlock,
    Inline,
    ListItem,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
)
from chaskiq_core.errors import InvalidError

_LONE_SURROGATES = re.compile(r"[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_BREAK = HardBreak()


def clean_text(text: str) -> str:
    r"""The text as databases and JSON can hold it: NUL and lone surrogates become U+FFFD, \r\n and \r become \n."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    return text if text.isascii() else _LONE_SURROGATES.sub("\ufffd", text)


def normalise_text(text: str) -> str:
    """The clean text without newlines around it and with at most one blank line in a row."""
    text = clean_text(text).strip("\n")
    return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text


def document_from_text(text: str) -> Document:
    r"""A paragraph per piece between blank lines, a hard break per newline in it; no text: no blocks.

    `text_of(document_from_text(t)) == normalise_text(t)` for every text. One of more lines than a document may have
    nodes becomes a single paragraph that keeps its newlines. Over 100,000 characters: InvalidError.

    >>> text_of(document_from_text("Hello\n  there\n\n\n\nBye"))
    'Hello\n  there\n\nBye'
    """
    text = normalise_text(text)
    if not text:
        return Document()
    if len(text) > MAX_CHARACTERS:
        raise InvalidError(f"text: it has more than {MAX_CHARACTERS} characters")
    pieces = text.split("\n\n")
    lines = text.count("\n") - len(pieces) + 2
    if 2 * lines > MAX_NODES:
        return Document(blocks=(Paragraph(inlines=(Text(text=text),)),))
    return Document(blocks=tuple([Paragraph(inlines=_lines(piece)) for piece in pieces]))


def text_of(document: Document) -> str:
    """What the document says without its looks: a blank line between blocks, "- " or "1. " before list items.

    Blocks that say nothing leave no trace; a medium is its caption, else its address.
    """
    return _join(document.blocks, "\n\n")


def _lines(piece: str) -> tuple[Inline, ...]:
    if "\n" not in piece:
        return (Text(text=piece),)
    inlines: list[Inline] = []
    for line in piece.split("\n"):
        inlines += (Text(text=line), _BREAK)
    return tuple(inlines[:-1])


def _join(blocks: Iterable[Block], gap: str) -> str:
    texts = [_block_text(block) for block in blocks]
    return gap.join([text for text in texts if text.strip("\n")])


def _block_text(block: Block) -> str:
    match block:
        case Paragraph() | Heading():
            return "".join([inline.text if isinstance(inline, Text) else "\n" for inline in block.inlines])
        case Blockquote():
            return _join(block.blocks, "\n\n")
        case BulletList():
            return "\n".join([_item_text("- ", item) for item in block.items])
        case OrderedList():
            return "\n".join([_item_text(f"{number}. ", item) for number, item in enumerate(block.items, block.start)])
        case CodeBlock():
            return block.text
        case EmbedBlock():
            return block.caption or block.title or block.url or ""
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock():
            return block.caption or block.url or ""
        case DividerBlock():
            return ""
        case _:
            assert_never(block)


def _item_text(prefix: str, item: ListItem) -> str:
    text = _join(item.blocks, "\n")
    return prefix + text.replace("\n", "\n" + " " * len(prefix)) if text else prefix.rstrip()
