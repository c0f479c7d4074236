"""Rich text and mail: HTML that came in as a document without traps, a document as plain text and as HTML."""

import re
from collections.abc import Iterable
from dataclasses import replace
from html import unescape
from typing import assert_never

from chaskiq_core.plugin import (
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
    ListItem,
    Mark,
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
    document_from_html,
    html_of,
)

MAX_PIXEL = 2
"""A picture of that size is there to be fetched, not to be seen."""
_HIDDEN_BEGINS = re.compile(r"<(script|style|title|head|!--)", re.IGNORECASE)
_ENDS = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "title": re.compile(r"</title\s*>", re.IGNORECASE),
    "head": re.compile(r"</head\s*>", re.IGNORECASE),
    "!--": re.compile(r"-->"),
}
_TAGS = re.compile(r"<[^<>]*>")


def document_of_html(html: str) -> Document:
    """What a reader would see; pictures from elsewhere are links, so that opening a mail tells nobody.

    InvalidError if it is too large or too tangled to be read.
    """
    return Document(blocks=_without_pictures(document_from_html(html).blocks))


def _without_pictures(blocks: Iterable[Block]) -> tuple[Block, ...]:
    kept: list[Block] = []
    for block in blocks:
        match block:
            case ImageBlock():
                if block.url and not _is_pixel(block):
                    kept.append(_link(block.caption or "picture", block.url))
            case Blockquote():
                kept.append(replace(block, blocks=_without_pictures(block.blocks)))
            case BulletList():
                kept.append(replace(block, items=_items(block.items)))
            case OrderedList():
                kept.append(replace(block, items=_items(block.items)))
            case _:
                kept.append(block)
    return tuple(kept)


def _items(items: Iterable[ListItem]) -> tuple[ListItem, ...]:
    return tuple(ListItem(blocks=_without_pictures(item.blocks)) for item in items)


def _is_pixel(block: ImageBlock) -> bool:
    return any(size is not None and size <= MAX_PIXEL for size in (block.width, block.height))


def _link(words: str, url: str) -> Paragraph:
    return Paragraph(inlines=(Text(text=words, marks=frozenset({Mark(kind=MarkKind.LINK, value=url)})),))


def words_of_html(html: str) -> str:
    """What is left of HTML without its tags: for what can't be read otherwise, and to see whether it says anything."""
    lines = (" ".join(unescape(line).split()) for line in _TAGS.sub(" ", _without_hidden(html)).split("\n"))
    return "\n".join(line for line in lines if line)


def _without_hidden(html: str) -> str:
    """HTML without styles, scripts and comments; each of them is looked for once, so that it stays linear."""
    kept: list[str] = []
    at = 0
    unclosed: set[str] = set()
    while begin := _HIDDEN_BEGINS.search(html, at):
        kept.append(html[at : begin.start()])
        at = begin.end()
        name = begin.group(1).lower()
        end = None if name in unclosed else _ENDS[name].search(html, at)
        if end is None:
            unclosed.add(name)
        else:
            at = end.end()
    return "".join(kept) + html[at:]


def plain_of(document: Document) -> str:
    """The document as plain text for a mail: links with their addresses, quotes behind `>`."""
    return _plain_blocks(document.blocks, "\n\n")


def _plain_blocks(blocks: Iterable[Block], gap: str) -> str:
    return gap.join(text for block in blocks if (text := _plain_block(block)).strip())


def _plain_block(block: Block) -> str:
    match block:
        case Paragraph() | Heading():
            return _plain_line(block)
        case Blockquote():
            return "\n".join(f"> {line}".rstrip() for line in _plain_blocks(block.blocks, "\n\n").split("\n"))
        case BulletList():
            return "\n".join(_indented("- ", item) for item in block.items)
        case OrderedList():
            return "\n".join(_indented(f"{n}. ", item) for n, item in enumerate(block.items, block.start))
        case CodeBlock():
            return "\n".join(f"    {line}" for line in block.text.split("\n"))
        case EmbedBlock():
            return _named(block.caption or block.title, block.url)
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock():
            return _named(block.caption, block.url)
        case DividerBlock():
            return "-----"
        case _:
            assert_never(block)


def _plain_line(block: Paragraph | Heading) -> str:
    words: list[str] = []
    for inline in block.inlines:
        if isinstance(inline, HardBreak):
            words.append("\n")
            continue
        address = next((mark.value for mark in inline.marks if mark.kind is MarkKind.LINK), "")
        words.append(_named(inline.text, address) if address else inline.text)
    return "".join(words)


def _named(words: str, address: str | None) -> str:
    if not address:
        return words
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    same = words.strip().rstrip("/") in (address.rstrip("/"), bare, bare.partition("://")[2].rstrip("/"))
    return words if same and words.strip() else f"{words} ({address})" if words.strip() else address


def _indented(prefix: str, item: ListItem) -> str:
    return prefix + _plain_blocks(item.blocks, "\n").replace("\n", "\n" + " " * len(prefix))


def html_page_of(document: Document) -> str:
    """The document as the HTML of a mail: safe, with the few looks that all mailers show."""
    inside = html_of(document)
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;font-size:15px;line-height:1.5;color:#1f2328">'
        f"{inside}</body></html>"
    )
