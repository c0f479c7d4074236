"""Sanitised, well-nested HTML to blocks, tag by tag on a stack of our own, so that no nesting is too deep."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from chaskiq_core.content.allowed import allowed_language, allowed_link, allowed_media_url
from chaskiq_core.content.document import (
    MAX_DEPTH,
    NO_MARKS,
    Block,
    Blockquote,
    BulletList,
    CodeBlock,
    DividerBlock,
    Document,
    ImageBlock,
    ListItem,
    Mark,
    MarkKind,
    OrderedList,
    Text,
)
from chaskiq_core.content.html_line import HtmlLine
from chaskiq_core.content.text import clean_text

_MARKS = {
    **dict.fromkeys(("b", "strong"), MarkKind.BOLD),
    **dict.fromkeys(("i", "em"), MarkKind.ITALIC),
    **dict.fromkeys(("u", "ins"), MarkKind.UNDERLINE),
    **dict.fromkeys(("s", "del", "strike"), MarkKind.STRIKE),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), MarkKind.CODE),
}
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol"})
# Tags that only end the line before them and after them, so that words of two cells or boxes are never glued.
# fmt: off
_BOXES = frozenset({
    "address", "article", "aside", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "main", "nav", "option", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr",
})
# fmt: on
_LINES = frozenset({"p", *_LEVELS})
_VOID = frozenset({"br", "hr", "img"})
_CONTAINERS = _LISTS | {"li", "blockquote"}
_BLOCKS = _BOXES | _LINES | _CONTAINERS | {"pre"}
_KEEPS_SPACE = re.compile(r"white-space\s*:\s*([a-z-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"\blanguage-(\S+)")

READ_TAGS = _BLOCKS | _VOID | _MARKS.keys() | {"a", "span"}
"""The tags that mean something here; of others only the text is wanted."""


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A container that is still open."""

    tag: str
    depth: int
    """Of the container itself; the document's is 0."""
    start: int = 1
    blocks: list[Block] = field(default_factory=list)
    items: list[ListItem] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Open:
    """A tag that is still open, with what holds inside it."""

    tag: str
    marks: frozenset[Mark]
    level: int
    """Of the heading around; 0: none."""
    keeps_space: bool
    framed: bool = False


class HtmlTree(HTMLParser):
    """Feed it, close it, take its `document()`; `nodes` and `characters` say how large that is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes = 0
        self.characters = 0
        self._frames = [_Frame(tag="", depth=0)]
        self._open = [_Open(tag="", marks=NO_MARKS, level=0, keeps_space=False)]
        self._line = HtmlLine()
        self._code: list[str] | None = None
        self._code_opened = 0
        self._language: str | None = None

    def document(self) -> Document:
        """All of it; what is still open ends here."""
        while len(self._open) > 1:
            self.handle_endtag(self._open[-1].tag)
        self._end_line()
        return Document(blocks=tuple(self._frames[0].blocks))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a block, a mark or neither."""
        values = {name: clean_text(value or "") for name, value in attrs}
        if self._code is None and (tag in _BLOCKS or tag == "hr"):
            self._end_line()
        if tag not in _VOID:
            self._open.append(self._inside(tag, values))
        if self._code is not None:
            self._start_in_code(tag, values, self._code)
        elif tag == "br":
            self._line.break_here()
        elif tag == "img":
            self._image(values)
        else:
            self._start_block(tag, values)

    def handle_endtag(self, tag: str) -> None:
        """Closes what that tag opened."""
        if self._open[-1].tag != tag:
            return
        if self._code is None:
            if tag in _BLOCKS:
                self._end_line(closing=tag in _LINES)
            if self._open[-1].framed:
                self._close_frame()
        elif len(self._open) == self._code_opened:
            text = "".join(self._code)
            self._code = None
            self.characters += len(text)
            self._add(CodeBlock(text=text, language=self._language), nodes=2 if text else 1)
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Words, or the white space between tags."""
        if self._code is not None:
            self._code.append(clean_text(data))
        else:
            here = self._open[-1]
            self._line.add(clean_text(data), here.marks, keeps_space=here.keeps_space)

    def _inside(self, tag: str, values: dict[str, str]) -> _Open:
        outer = self._open[-1]
        marks = outer.marks
        href = allowed_link(values.get("href", "")) if tag == "a" else None
        kind = MarkKind.LINK if href else _MARKS.get(tag)
        if kind:
            marks = frozenset([mark for mark in marks if mark.kind is not kind] + [Mark(kind=kind, value=href or "")])
        style = _KEEPS_SPACE.search(values.get("style", ""))
        keeps_space = outer.keeps_space if style is None else style[1].lower() in ("pre", "pre-wrap", "break-spaces")
        return _Open(tag=tag, marks=marks, level=_LEVELS.get(tag, outer.level), keeps_space=keeps_space)

    def _start_block(self, tag: str, values: dict[str, str]) -> None:
        if tag in _LINES:
            self._line.explicit = True
        elif tag == "pre":
            self._code, self._code_opened, self._language = [], len(self._open), None
            self._start_in_code(tag, values, self._code)
        elif tag == "hr":
            self._add(DividerBlock())
        elif tag in _CONTAINERS:
            self._start_frame(tag, values)

    def _start_in_code(self, tag: str, values: dict[str, str], code: list[str]) -> None:
        if tag in ("pre", "code") and (name := _LANGUAGE.search(values.get("class", ""))):
            self._language = allowed_language(name[1])
        elif tag == "br" or (tag in _BLOCKS and code and not code[-1].endswith("\n")):
            code.append("\n")

    def _start_frame(self, tag: str, values: dict[str, str]) -> None:
        outer = self._frames[-1]
        in_list = outer.tag in _LISTS
        depth = outer.depth + (2 if in_list and tag != "li" else 1)
        # Below a container a paragraph and its text must fit; below a list an item too.
        if depth > MAX_DEPTH - (3 if tag in _LISTS else 2) or (tag == "li" and not in_list):
            return
        start = values.get("start", "")
        self._frames.append(_Frame(tag=tag, depth=depth, start=int(start) if re.fullmatch("[0-9]{1,9}", start) else 1))
        self._open[-1].framed = True

    def _close_frame(self) -> None:
        frame = self._frames.pop()
        match frame.tag:
            case "li":
                self.nodes += 1
                self._frames[-1].items.append(ListItem(blocks=tuple(frame.blocks)))
            case "ul":
                self._add(BulletList(items=tuple(frame.items)))
            case "ol":
                self._add(OrderedList(start=frame.start, items=tuple(frame.items)))
            case _:
                self._add(Blockquote(blocks=tuple(frame.blocks)))

    def _image(self, values: dict[str, str]) -> None:
        url = allowed_media_url(values.get("src", ""))
        caption = values.get("alt", "")[:2048]
        if url is None:
            self._line.add(caption, self._open[-1].marks, keeps_space=False)
            return
        self._end_line()
        width, height = _pixels(values.get("width", "")), _pixels(values.get("height", ""))
        self._add(ImageBlock(url=url, caption=caption, width=width, height=height))

    def _end_line(self, *, closing: bool = False) -> None:
        line, self._line = self._line, HtmlLine()
        block = line.block(self._open[-1].level, even_empty=closing and line.explicit)
        if block is not None:
            self.characters += sum([len(inline.text) for inline in block.inlines if isinstance(inline, Text)])
            self._add(block, nodes=1 + len(block.inlines))

    def _add(self, block: Block, *, nodes: int = 1) -> None:
        frame = self._frames[-1]
        self.nodes += nodes
        if frame.tag in _LISTS:
            self.nodes += 1
            frame.items.append(ListItem(blocks=(block,)))
        else:
            frame.blocks.append(block)


def _pixels(size: str) -> int | None:
    return int(size) if re.fullmatch(r"[1-9][0-9]{0,4}", size) else None
