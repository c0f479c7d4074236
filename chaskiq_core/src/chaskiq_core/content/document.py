"""What a rich message says: a tree of frozen values, its marks, and how large it may be."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

MAX_DEPTH = 16
"""Levels below the document, texts included."""
MAX_NODES = 2_000
"""Blocks, list items, texts and hard breaks in all."""
MAX_CHARACTERS = 100_000
"""Code points in all texts and code blocks together."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class MarkKind(StrEnum):
    """What a mark does, by its JSON name; the order is the order in which marks are written."""

    LINK = "link"
    COLOR = "textStyle"
    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strike"
    CODE = "code"


class Direction(StrEnum):
    """How an image stands in the text."""

    LEFT = "left"
    CENTER = "center"
    WIDE = "wide"
    FILL = "fill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One property of a text; a text carries each kind at most once."""

    kind: MarkKind
    value: str = ""
    """LINK: the address. COLOR: the CSS colour. Else empty."""


NO_MARKS: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Characters with the same marks; a newline in them is a line break too."""

    text: str
    marks: frozenset[Mark] = NO_MARKS


@dataclass(frozen=True, slots=True, kw_only=True)
class HardBreak:
    """A new line inside a block."""


Inline: TypeAlias = Text | HardBreak


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A run of text; empty: a blank one."""

    inlines: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A title of its section."""

    level: int = 1
    """1 (largest) to 6."""
    inlines: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blockquote:
    """What somebody else said."""

    blocks: "tuple[Block, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """One entry of a list."""

    blocks: "tuple[Block, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletList:
    """A list without numbers."""

    items: tuple[ListItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedList:
    """A numbered list."""

    start: int = 1
    """The number of the first item, 0 to 999,999,999."""
    items: tuple[ListItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """Text shown as it is, without marks."""

    text: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaBlock:
    """What all media share: at least one of `url` and `media_id` says where the bytes are."""

    url: str | None = None
    """Where anyone can fetch it: http or https."""
    media_id: str | None = None
    """Our own media of that id; whoever renders puts a signed `url` in its place."""
    caption: str = ""
    """What a person reads beside it, or instead of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBlock(MediaBlock):
    """A picture."""

    width: int | None = None
    """Pixels, 1 to 100,000."""
    height: int | None = None
    """Pixels, 1 to 100,000."""
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBlock(MediaBlock):
    """A file to download; its caption is its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoBlock(MediaBlock):
    """A film, embedded or recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioBlock(MediaBlock):
    """A sound or voice message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedBlock(MediaBlock):
    """A card about another page."""

    title: str = ""
    """The page's own title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DividerBlock:
    """A line across."""


Media: TypeAlias = ImageBlock | FileBlock | VideoBlock | AudioBlock | EmbedBlock
Block: TypeAlias = Paragraph | Heading | Blockquote | BulletList | OrderedList | CodeBlock | Media | DividerBlock
"""What a document is made of, top to bottom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A rich message. Made by `read_document`, `document_from_text` and `document_from_html`, within the bounds."""

    blocks: tuple[Block, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing in it but blank paragraphs."""
        return all(isinstance(block, Paragraph) and not block.inlines for block in self.blocks)


def merge_inlines(inlines: Iterable[Inline]) -> tuple[Inline, ...]:
    """The same inlines with neighbours of equal marks made one and empty texts dropped."""
    merged: list[Inline] = []
    run: list[str] = []
    marks = NO_MARKS
    for inline in inlines:
        if isinstance(inline, Text) and (inline.marks == marks or not inline.text):
            run.append(inline.text)
            continue
        _end_run(merged, run, marks)
        run = []
        if isinstance(inline, Text):
            run, marks = [inline.text], inline.marks
        else:
            merged.append(inline)
    _end_run(merged, run, marks)
    return tuple(merged)


def _end_run(merged: list[Inline], run: list[str], marks: frozenset[Mark]) -> None:
    if text := "".join(run):
        merged.append(Text(text=text, marks=marks))
