"""A Document in Telegram's HTML: its exact subset of tags, and the same text as `text_of` counts."""

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias, assert_never

from chaskiq_core.plugin import (
    AudioBlock,
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
    text_of,
)

Block: TypeAlias = (
    Paragraph
    | Heading
    | Blockquote
    | BulletList
    | OrderedList
    | CodeBlock
    | ImageBlock
    | FileBlock
    | VideoBlock
    | AudioBlock
    | EmbedBlock
    | DividerBlock
)

MAX_RAW_BYTES = 32 * 1024
"""Telegram reads no more, however short the text in it."""

_TAGS = {MarkKind.STRIKE: "s", MarkKind.UNDERLINE: "u", MarkKind.ITALIC: "i", MarkKind.BOLD: "b"}
_BOLD = Mark(kind=MarkKind.BOLD)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,60}", re.ASCII)


def telegram_html(document: Document) -> str | None:
    """The document's HTML; None where it has no looks, or too many: its text says it all then."""
    html = _joined(document.blocks, "\n\n", in_quote=False)
    return html if "<" in html and len(html.encode()) <= MAX_RAW_BYTES else None


def _joined(blocks: Iterable[Block], gap: str, *, in_quote: bool) -> str:
    """The blocks that say something, as `text_of` joins them."""
    said = [block for block in blocks if text_of(Document(blocks=(block,)))]
    return gap.join(_block(block, in_quote=in_quote) for block in said)


def _block(block: Block, *, in_quote: bool) -> str:
    match block:
        case Paragraph():
            return _line(block, frozenset())
        case Heading():
            return _line(block, frozenset({_BOLD}))
        case Blockquote():
            quoted = _joined(block.blocks, "\n\n", in_quote=True)
            return quoted if in_quote else f"<blockquote>{quoted}</blockquote>"  # Telegram knows no quote in a quote
        case BulletList():
            return "\n".join(_item("- ", item, in_quote=in_quote) for item in block.items)
        case OrderedList():
            numbered = enumerate(block.items, block.start)
            return "\n".join(_item(f"{number}. ", item, in_quote=in_quote) for number, item in numbered)
        case CodeBlock():
            return _code(block)
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock():
            return _linked(block.url, block.caption or block.url or "")
        case EmbedBlock():
            return _linked(block.url, block.caption or block.title or block.url or "")
        case DividerBlock():
            return ""
        case _:
            assert_never(block)


def _line(block: Paragraph | Heading, more: frozenset[Mark]) -> str:
    return "".join("\n" if isinstance(inline, HardBreak) else _text(inline, more) for inline in block.inlines)


def _text(text: Text, more: frozenset[Mark]) -> str:
    html = escape(text.text, quote=False)
    marks = {mark.kind: mark.value for mark in text.marks | more}
    address = marks.get(MarkKind.LINK)
    if MarkKind.CODE in marks and not address:
        return f"<code>{html}</code>"  # nothing else may stand in code, nor around it
    for kind, tag in _TAGS.items():
        if kind in marks:
            html = f"<{tag}>{html}</{tag}>"
    return _link(address, html) if address else html


def _item(prefix: str, item: ListItem, *, in_quote: bool) -> str:
    html = _joined(item.blocks, "\n", in_quote=in_quote)
    return prefix + html.replace("\n", "\n" + " " * len(prefix)) if html else prefix.rstrip()


def _code(block: CodeBlock) -> str:
    html = escape(block.text, quote=False)
    if block.language and _LANGUAGE.fullmatch(block.language):
        return f'<pre><code class="language-{block.language}">{html}</code></pre>'
    return f"<pre>{html}</pre>"


def _linked(url: str | None, words: str) -> str:
    html = escape(words, quote=False)
    return _link(url, html) if url and url != words else html


def _link(address: str, html: str) -> str:
    return f'<a href="{escape(address)}">{html}</a>'
