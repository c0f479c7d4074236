"""A text that is too long for one message, cut: between blocks, at a paragraph, a line, a sentence, a word. Pure."""

from collections.abc import Callable

from chaskiq_core.content import Block, Document, document_from_text, text_of
from chaskiq_core.plugin.manifest import Counted, TextCapability

Measure = Callable[[Document], int]
BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")
"""Where a long text is cut, the best place first."""


def cut_document(document: Document, limit: TextCapability, length_of: Measure) -> list[Document]:
    """Documents within the limit: as many whole blocks as fit, with their marks; a block that is too long is plain."""

    def fits(blocks: tuple[Block, ...]) -> bool:
        return length_of(Document(blocks=blocks)) <= limit.max_length

    cuts: list[Document] = []
    blocks: list[Block] = []
    for block in document.blocks:
        if fits((*blocks, block)):
            blocks.append(block)
            continue
        if blocks:
            cuts.append(Document(blocks=tuple(blocks)))
        blocks = [block] if fits((block,)) else []
        if not blocks:
            cuts += [document_from_text(cut) for cut in split_text(text_of(Document(blocks=(block,))), limit)]
    if blocks:
        cuts.append(Document(blocks=tuple(blocks)))
    return [cut for cut in cuts if text_of(cut).strip()]


def split_text(text: str, limit: TextCapability) -> list[str]:
    """Cuts of a text, none over the limit, none blank; together they are the text, but for blanks at the cuts."""
    cuts: list[str] = []
    rest = text.strip()
    while measure(rest, limit.counted_in) > limit.max_length:
        room = _prefix(rest, limit)
        end = _break_before(rest, room)
        cuts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest:
        cuts.append(rest)
    return [cut for cut in cuts if cut]


def measure(text: str, counted: Counted) -> int:
    """The length of a text as the provider counts it."""
    match counted:
        case Counted.CODE_POINTS:
            return len(text)
        case Counted.UTF16_UNITS:
            return len(text) + sum(character > "\uffff" for character in text)
        case Counted.BYTES:
            return len(text.encode())


def _prefix(text: str, limit: TextCapability) -> int:
    """How many characters fit: at least one, so that every text comes to an end."""
    if limit.counted_in is Counted.CODE_POINTS:
        return max(1, limit.max_length)
    used = 0
    for n, character in enumerate(text):
        used += measure(character, limit.counted_in)
        if used > limit.max_length:
            return max(1, n)
    return len(text)


def _break_before(text: str, room: int) -> int:
    """The best place to cut within the room: not in its first half, where a hard cut is better."""
    window = text[:room]
    for mark in BREAKS:
        at = window.rfind(mark, room // 2)
        if at >= 0:
            return at + len(mark)
    return room
