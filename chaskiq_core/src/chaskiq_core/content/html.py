"""A document to safe HTML, and any HTML, however hostile, to a document."""

import re
from collections.abc import Iterable
from html import escape
from typing import assert_never

import nh3

from chaskiq_core.content.allowed import allowed_color, allowed_language, allowed_link, allowed_media_url
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
    Heading,
    ImageBlock,
    Inline,
    ListItem,
    Mark,
    MarkKind,
    Media,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
)
from chaskiq_core.content.html_tree import READ_TAGS, HtmlTree
from chaskiq_core.content.text import clean_text, document_from_text, text_of
from chaskiq_core.errors import InvalidError

MAX_HTML_CHARACTERS = 200_000
MAX_HTML_TAGS = 10_000

_READ_ATTRIBUTES = {
    "*": {"style"},
    "a": {"href"},
    "code": {"class"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "pre": {"class"},
}
_TAG_STARTS = re.compile(r"<[a-z]", re.IGNORECASE)
_STYLED = r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/]"
_STYLED_TAGS = re.compile(_STYLED, re.IGNORECASE)
_UNREAD_STYLES = re.compile(
    rf"""(?!<code\s[^<>]*language-){_STYLED}(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+>""", re.IGNORECASE
)
_MAX_COPIES = 200_000
_MAX_CLEAN_TAGS = 6 * MAX_HTML_TAGS

# What a browser would collapse: spaces at the ends of a line (a hard break is \0 here), runs, tabs and newlines.
_FRAGILE_SPACE = re.compile(r"(?:\A|\0) | (?:\Z|\0)|  |[\t\n\f\r]")
_MARK_TAGS = {
    MarkKind.BOLD: "strong",
    MarkKind.ITALIC: "em",
    MarkKind.UNDERLINE: "u",
    MarkKind.STRIKE: "s",
    MarkKind.CODE: "code",
}


def html_of(document: Document) -> str:
    """HTML of the document: everything escaped, no scripts, links with `rel="noopener noreferrer nofollow"`.

    Media without a `url` (their `media_id` not yet resolved) show their caption only.
    """
    return _blocks(document.blocks)


def document_from_html(html: str) -> Document:
    """The document a reader would see in `html`, which may be anything; scripts, styles and titles are left out.

    `document_from_html(html_of(d)) == d` for paragraphs, headings, lists, quotes, code, dividers and marks, if
    quotes and lists leave room for a text (`MAX_DEPTH`), links are addresses nh3 can parse, and the HTML is within
    the bounds. What does not survive: colours, `media_id`, an image's direction; files, videos, sounds and embeds
    become links.

    White space is read as browsers do: collapsed, unless in `pre` or under `white-space: pre-wrap`, which `html_of`
    writes where it matters. A medium or link of another scheme leaves its words. Over 2,000 nodes: the words remain,
    the looks are dropped. Over 200,000 characters, 10,000 tags or 100,000 characters of text: InvalidError.
    """
    tree = HtmlTree()
    tree.feed(_sanitised(html))
    tree.close()
    document = tree.document()
    if tree.characters > MAX_CHARACTERS:
        raise InvalidError(f"html: it has more than {MAX_CHARACTERS} characters of text")
    return document if tree.nodes <= MAX_NODES else document_from_text(text_of(document))


def _sanitised(html: str) -> str:
    if len(html) > MAX_HTML_CHARACTERS:
        raise InvalidError(f"html: it has more than {MAX_HTML_CHARACTERS} characters")
    tags = len(_TAG_STARTS.findall(html))
    if tags > MAX_HTML_TAGS or html.count("</") > MAX_HTML_TAGS:
        raise InvalidError(f"html: it has more than {MAX_HTML_TAGS} tags")
    # HTML5 copies every unclosed styled tag into each later block, those with other attributes without a limit.
    html = _UNREAD_STYLES.sub(r"<\1>", html)
    if tags * len(_STYLED_TAGS.findall(html)) > _MAX_COPIES:
        raise InvalidError("html: its styled tags are too many to read")
    clean = nh3.clean(
        clean_text(html),
        tags=set(READ_TAGS),
        clean_content_tags={"script", "style", "title"},
        attributes=_READ_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    if clean.count("<") > _MAX_CLEAN_TAGS:
        raise InvalidError("html: its tags are too tangled to read")
    return clean


def _blocks(blocks: Iterable[Block]) -> str:
    return "".join([_block(block) for block in blocks])


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _line("p", block.inlines)
        case Heading():
            return _line(f"h{block.level}", block.inlines)
        case Blockquote():
            return f"<blockquote>{_blocks(block.blocks)}</blockquote>"
        case BulletList():
            return f"<ul>{_items(block.items)}</ul>"
        case OrderedList():
            start = "" if block.start == 1 else f' start="{block.start}"'
            return f"<ol{start}>{_items(block.items)}</ol>"
        case CodeBlock():
            language = allowed_language(block.language or "")
            name = f' class="language-{language}"' if language else ""
            return f"<pre{name}><code>{escape(block.text)}</code></pre>"
        case ImageBlock() | FileBlock() | VideoBlock() | AudioBlock() | EmbedBlock():
            return _media(block)
        case DividerBlock():
            return "<hr>"
        case _:
            assert_never(block)


def _line(tag: str, inlines: Iterable[Inline]) -> str:
    bare = "".join([inline.text if isinstance(inline, Text) else "\0" for inline in inlines])
    style = ' style="white-space:pre-wrap"' if _FRAGILE_SPACE.search(bare) else ""
    inside = "".join([_text(inline) if isinstance(inline, Text) else "<br>" for inline in inlines])
    return f"<{tag}{style}>{inside}</{tag}>"


def _text(text: Text) -> str:
    html = escape(text.text)
    values = {mark.kind: mark for mark in text.marks}
    for kind in reversed(MarkKind):
        if kind in values:
            html = _marked(values[kind], html)
    return html


def _marked(mark: Mark, html: str) -> str:
    if mark.kind is MarkKind.LINK:
        return _link(allowed_link(mark.value), html)
    if mark.kind is MarkKind.COLOR:
        color = allowed_color(mark.value)
        return f'<span style="color:{escape(color)}">{html}</span>' if color else html
    tag = _MARK_TAGS[mark.kind]
    return f"<{tag}>{html}</{tag}>"


def _link(address: str | None, html: str) -> str:
    return f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">{html}</a>' if address else html


def _items(items: Iterable[ListItem]) -> str:
    return "".join([f"<li>{_blocks(item.blocks)}</li>" for item in items])


def _media(block: Media) -> str:
    url = allowed_media_url(block.url or "")
    caption = escape(block.caption or (block.title if isinstance(block, EmbedBlock) else ""))
    if url is None:
        return f"<p>{caption}</p>" if caption else ""
    link = _link(url, caption or escape(url))
    match block:
        case ImageBlock():
            width = f' width="{block.width}"' if block.width else ""
            height = f' height="{block.height}"' if block.height else ""
            return f'<img src="{escape(url)}" alt="{caption}"{width}{height}>'
        case VideoBlock():
            return f'<video controls src="{escape(url)}">{link}</video>'
        case AudioBlock():
            return f'<audio controls src="{escape(url)}">{link}</audio>'
        case FileBlock() | EmbedBlock():
            return f"<p>{link}</p>"
        case _:
            assert_never(block)
