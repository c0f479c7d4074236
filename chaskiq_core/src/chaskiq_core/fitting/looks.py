"""How long a document is where its looks are signs in the text, and links are spelt out. Pure."""

from collections.abc import Iterable
from typing import assert_never

from chaskiq_core.content import (
    AudioBlock,
    Block,
    Blockquote,
    BulletList,
    CodeBlock,
    DividerBlock,
    Document,
    EmbedBlock,
    FileBlock,
    Heading,
    ImageBlock,
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
    text_of,
)
from chaskiq_core.fitting.split import measure
from chaskiq_core.plugin.manifest import TextCapability

SIGNED = frozenset({MarkKind.BOLD, MarkKind.ITALIC, MarkKind.STRIKE, MarkKind.CODE, MarkKind.UNDERLINE})
AROUND_ADDRESS = 3
"""A blank and brackets."""
OF_CODE_BLOCK = 3
"""Its fences are longer than other signs."""


def measure_document(document: Document, limit: TextCapability) -> int:
    """The length of the document as the channel counts it, its looks included; never less than it is."""
    said = measure(text_of(document), limit.counted_in)
    return said + (_cost(document.blocks, limit) if limit.sign_length else 0)


def _cost(blocks: Iterable[Block], limit: TextCapability) -> int:
    return sum(_of_block(block, limit) for block in blocks)


def _of_block(block: Block, limit: TextCapability) -> int:
    match block:
        case Paragraph() | Heading():
            lines = sum(_of_text(one, limit) for one in block.inlines if isinstance(one, Text))
            own = limit.sign_length * len(block.inlines) if isinstance(block, Heading) else 0
            return lines + own
        case Blockquote():
            lines = text_of(Document(blocks=(block,))).count("\n") + 1
            return limit.sign_length * lines + _cost(block.blocks, limit)
        case BulletList() | OrderedList():
            return sum(_cost(item.blocks, limit) for item in block.items)
        case CodeBlock():
            return limit.sign_length * OF_CODE_BLOCK
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock() | EmbedBlock():
            return measure(block.url or "", limit.counted_in) + AROUND_ADDRESS
        case DividerBlock():
            return 0
        case _:
            assert_never(block)


def _of_text(text: Text, limit: TextCapability) -> int:
    cost = 0
    for mark in text.marks:
        if mark.kind is MarkKind.LINK:
            cost += measure(mark.value, limit.counted_in) + AROUND_ADDRESS
        elif mark.kind in SIGNED:
            cost += limit.sign_length
    return cost
