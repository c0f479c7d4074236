"""A stranger's decoded ProseMirror JSON to a document, or one sentence that names the place where it is wrong."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from chaskiq_core.content.allowed import allowed_color, allowed_language, allowed_link, allowed_media_url
from chaskiq_core.content.attributes import Attributes, quoted, refuse
from chaskiq_core.content.document import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_NODES,
    NO_MARKS,
    AudioBlock,
    Block,
    Blockquote,
    BulletList,
    CodeBlock,
    Direction,
    DividerBlock,
    Document,
    EmbedBlock,
    FileBlock,
    HardBreak,
    Heading,
    ImageBlock,
    Inline,
    ListItem,
    Mark,
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    VideoBlock,
    merge_inlines,
)
from chaskiq_core.content.text import clean_text

_Node: TypeAlias = Mapping[object, object]
_MARK_KINDS = {str(kind): kind for kind in MarkKind}
_DIRECTIONS = {str(direction): direction for direction in Direction}


def read_document(json: object) -> Document:
    """The document in `{"type": "doc", "content": […]}`; raises InvalidError when any of it is not allowed.

    Unknown nodes and marks are refused, unknown attributes dropped. `read_document(write_document(d)) == d`.
    """
    if not isinstance(json, dict) or json.get("type") != "doc":
        refuse("document", 'must be an object of type "doc"')
    return Document(blocks=_Reading().blocks(json, "", 1))


class _Reading:
    """One walk through one document, counting; it goes down at most MAX_DEPTH levels."""

    __slots__ = ("characters", "nodes")

    def __init__(self) -> None:
        self.characters = 0
        self.nodes = 0

    def blocks(self, parent: _Node, place: str, depth: int) -> tuple[Block, ...]:
        return tuple([self.block(node, at, depth) for at, node in self.children(parent, place, depth)])

    def block(self, node: _Node, place: str, depth: int) -> Block:
        attrs = Attributes(node.get("attrs"), f"{place}.attrs")
        match node.get("type"):
            case "paragraph":
                return Paragraph(inlines=self.inlines(node, place, depth + 1))
            case "heading":
                level = attrs.integer("level", 1, 6)
                return Heading(level=1 if level is None else level, inlines=self.inlines(node, place, depth + 1))
            case "blockquote":
                return Blockquote(blocks=self.blocks(node, place, depth + 1))
            case "bulletList":
                return BulletList(items=self.items(node, place, depth + 1))
            case "orderedList":
                start = attrs.integer("start", 0, 999_999_999)
                return OrderedList(start=1 if start is None else start, items=self.items(node, place, depth + 1))
            case "codeBlock":
                language = attrs.checked("language", allowed_language, "the name of a language")
                return CodeBlock(text=self.code(node, place, depth + 1), language=language)
            case "DividerBlock":
                return DividerBlock()
            case kind:
                return _media(kind, attrs, place)

    def items(self, parent: _Node, place: str, depth: int) -> tuple[ListItem, ...]:
        items: list[ListItem] = []
        for at, node in self.children(parent, place, depth):
            if node.get("type") != "listItem":
                refuse(at, "a list holds nodes of type listItem only")
            items.append(ListItem(blocks=self.blocks(node, at, depth + 1)))
        return tuple(items)

    def inlines(self, parent: _Node, place: str, depth: int) -> tuple[Inline, ...]:
        inlines: list[Inline] = []
        for at, node in self.children(parent, place, depth):
            marks = _marks(node.get("marks"), at)
            match node.get("type"):
                case "text":
                    inlines.append(Text(text=self.text(node, at), marks=marks))
                case "hardBreak":
                    inlines.append(HardBreak())
                case kind:
                    refuse(at, f"unknown inline node {quoted(kind)}")
        return merge_inlines(inlines)

    def code(self, parent: _Node, place: str, depth: int) -> str:
        texts: list[str] = []
        for at, node in self.children(parent, place, depth):
            if node.get("type") != "text" or node.get("marks"):
                refuse(at, "a code block holds texts without marks only")
            texts.append(self.text(node, at))
        return "".join(texts)

    def text(self, node: _Node, place: str) -> str:
        text = node.get("text")
        if not isinstance(text, str):
            refuse(f"{place}.text", "must be a text")
        self.characters += len(text)
        if self.characters > MAX_CHARACTERS:
            refuse(place, f"the document has more than {MAX_CHARACTERS} characters")
        return clean_text(text)

    def children(self, parent: _Node, place: str, depth: int) -> Iterator[tuple[str, _Node]]:
        """Each child of `parent`, which is at `place`, with its own place; counted before anyone looks into it."""
        content = parent.get("content")
        if content is None:
            return
        here = f"{place}.content" if place else "content"
        if not isinstance(content, list):
            refuse(here, "must be a list")
        if content and depth > MAX_DEPTH:
            refuse(here, f"is nested more than {MAX_DEPTH} levels deep")
        for index, node in enumerate(content):
            at = f"{here}[{index}]"
            self.nodes += 1
            if self.nodes > MAX_NODES:
                refuse(at, f"the document has more than {MAX_NODES} nodes")
            if not isinstance(node, dict):
                refuse(at, "must be an object")
            yield at, node


def _media(kind: object, attrs: Attributes, place: str) -> Block:
    if kind in ("text", "hardBreak"):
        refuse(place, f"{quoted(kind)} must stand inside a paragraph or heading")
    if kind not in ("ImageBlock", "FileBlock", "VideoBlock", "AudioRecorderBlock", "EmbedBlock"):
        refuse(place, f"unknown node {quoted(kind)}")
    oembed = attrs.inside("embed_data")
    what = "an http or https address"
    url = attrs.checked("url", allowed_media_url, what) or oembed.checked("url", allowed_media_url, what)
    media_id = attrs.text("media_id") or None
    caption = attrs.text("caption")
    if url is None and media_id is None:
        refuse(f"{place}.attrs", "has neither a url nor a media_id")
    match kind:
        case "FileBlock":
            return FileBlock(url=url, media_id=media_id, caption=caption)
        case "VideoBlock":
            return VideoBlock(url=url, media_id=media_id, caption=caption)
        case "AudioRecorderBlock":
            return AudioBlock(url=url, media_id=media_id, caption=caption)
        case "EmbedBlock":
            title = attrs.text("title") or oembed.text("title")
            return EmbedBlock(url=url, media_id=media_id, caption=caption, title=title)
    direction = attrs.checked("direction", _DIRECTIONS.get, "left, center, wide or fill")
    return ImageBlock(
        url=url,
        media_id=media_id,
        caption=caption,
        width=attrs.integer("width", 1, 100_000),
        height=attrs.integer("height", 1, 100_000),
        direction=None if direction is None else Direction(direction),
    )


def _marks(marks: object, place: str) -> frozenset[Mark]:
    if marks is None:
        return NO_MARKS
    if not isinstance(marks, list) or len(marks) > 2 * len(MarkKind):
        refuse(f"{place}.marks", "must be a short list")
    found: dict[MarkKind, Mark] = {}
    for index, json in enumerate(marks):
        at = f"{place}.marks[{index}]"
        mark = _mark(json, at)
        if mark and found.setdefault(mark.kind, mark) != mark:
            refuse(at, f"a second {mark.kind} that says something else")
    return frozenset(found.values())


def _mark(json: object, place: str) -> Mark | None:
    if not isinstance(json, dict):
        refuse(place, "must be an object")
    name: object = json.get("type")
    kind = _MARK_KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        refuse(place, f"unknown mark {quoted(name)}")
    attrs = Attributes(json.get("attrs"), f"{place}.attrs")
    if kind is MarkKind.LINK:
        href = attrs.checked("href", allowed_link, "an http, https, mailto or tel address")
        if href is None:
            refuse(f"{place}.attrs.href", "a link needs an address")
        return Mark(kind=kind, value=href)
    if kind is MarkKind.COLOR:
        color = attrs.checked("color", allowed_color, "a colour")
        return Mark(kind=kind, value=color) if color else None
    return Mark(kind=kind)
