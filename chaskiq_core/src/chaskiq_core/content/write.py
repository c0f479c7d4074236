"""A document to ProseMirror JSON."""

from collections.abc import Iterable
from typing import assert_never

from chaskiq_core.content.document import (
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
    Json,
    ListItem,
    Mark,
    MarkKind,
    MediaBlock,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
)

_KINDS = list(MarkKind)


def write_document(document: Document) -> dict[str, Json]:
    """`{"type": "doc", "content": […]}`, ready for `json.dumps`; the same document always gives the same JSON."""
    return {"type": "doc", "content": _blocks(document.blocks)}


def _blocks(blocks: Iterable[Block]) -> list[Json]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> dict[str, Json]:
    match block:
        case Paragraph():
            return _node("paragraph", {}, _inlines(block.inlines))
        case Heading():
            return _node("heading", {"level": block.level}, _inlines(block.inlines))
        case Blockquote():
            return _node("blockquote", {}, _blocks(block.blocks))
        case BulletList():
            return _node("bulletList", {}, _items(block.items))
        case OrderedList():
            return _node("orderedList", {"start": block.start}, _items(block.items))
        case CodeBlock():
            return _node("codeBlock", {"language": block.language}, _code(block.text))
        case ImageBlock():
            direction = None if block.direction is None else block.direction.value
            size: dict[str, Json] = {"width": block.width, "height": block.height, "direction": direction}
            return _node("ImageBlock", _media(block) | size, [])
        case FileBlock():
            return _node("FileBlock", _media(block), [])
        case VideoBlock():
            return _node("VideoBlock", _media(block), [])
        case AudioBlock():
            return _node("AudioRecorderBlock", _media(block), [])
        case EmbedBlock():
            title: dict[str, Json] = {"title": block.title}
            return _node("EmbedBlock", _media(block) | title, [])
        case DividerBlock():
            return _node("DividerBlock", {}, [])
        case _:
            assert_never(block)


def _node(kind: str, attrs: dict[str, Json], content: list[Json]) -> dict[str, Json]:
    node: dict[str, Json] = {"type": kind}
    given: dict[str, Json] = {name: value for name, value in attrs.items() if value is not None}
    if given:
        node["attrs"] = given
    if content:
        node["content"] = content
    return node


def _media(block: MediaBlock) -> dict[str, Json]:
    return {"url": block.url, "media_id": block.media_id, "caption": block.caption}


def _items(items: Iterable[ListItem]) -> list[Json]:
    return [_node("listItem", {}, _blocks(item.blocks)) for item in items]


def _code(text: str) -> list[Json]:
    return [{"type": "text", "text": text}] if text else []


def _inlines(inlines: Iterable[Inline]) -> list[Json]:
    return [_text(inline) if isinstance(inline, Text) else {"type": "hardBreak"} for inline in inlines]


def _text(text: Text) -> Json:
    node: dict[str, Json] = {"type": "text", "text": text.text}
    if text.marks:
        node["marks"] = [_mark(mark) for mark in sorted(text.marks, key=_place_of)]
    return node


def _place_of(mark: Mark) -> int:
    return _KINDS.index(mark.kind)


def _mark(mark: Mark) -> Json:
    match mark.kind:
        case MarkKind.LINK:
            return {"type": "link", "attrs": {"href": mark.value}}
        case MarkKind.COLOR:
            return {"type": "textStyle", "attrs": {"color": mark.value}}
        case kind:
            return {"type": kind.value}
