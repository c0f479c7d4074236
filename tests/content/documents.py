"""Hypothesis strategies: texts as strangers send them, and documents that are valid."""

from typing import TypeVar

from hypothesis import strategies as st

from chaskiq_core.content import (
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
    clean_text,
    merge_inlines,
)

_Value = TypeVar("_Value")

TRICKY = "ab  \n\n\n\t\r\f\v\0<>&\"'\u00a0\u200f\u202e\u2028\ufeff\x85é👍🏽𝒳"
any_text = st.text() | st.text(alphabet=TRICKY) | st.text(alphabet=st.characters())
clean = any_text.map(clean_text)
links = st.sampled_from(["https://example.com/?a=1&b=%20#c", "http://a.example/é", "mailto:a@b.example", "tel:+4930"])
urls = st.sampled_from(["https://cdn.example/a.png?x=1&y='2'", 'http://cdn.example/"b"', "HTTPS://cdn.example/c"])
colors = st.sampled_from(["#fff", "red", "rgb(1, 2, 3)", "#12345678", "hsl(120 50% 50%)"])
languages = st.none() | st.sampled_from(["python", "c++", "c#", "objective-c", "1.0"])
flags = st.sampled_from(
    [MarkKind.BOLD, MarkKind.ITALIC, MarkKind.UNDERLINE, MarkKind.STRIKE, MarkKind.CODE],
)


@st.composite
def mark_sets(draw: st.DrawFn, *, colored: bool) -> frozenset[Mark]:
    marks = {Mark(kind=kind) for kind in draw(st.sets(flags, max_size=3))}
    if draw(st.booleans()):
        marks.add(Mark(kind=MarkKind.LINK, value=draw(links)))
    if colored and draw(st.booleans()):
        marks.add(Mark(kind=MarkKind.COLOR, value=draw(colors)))
    return frozenset(marks)


def lines(*, colored: bool) -> st.SearchStrategy[tuple[Inline, ...]]:
    texts = st.builds(Text, text=clean, marks=mark_sets(colored=colored))
    inlines: st.SearchStrategy[Inline] = texts | st.builds(HardBreak)
    return st.lists(inlines, max_size=5).map(merge_inlines)


def _tuples(values: st.SearchStrategy[_Value]) -> st.SearchStrategy[tuple[_Value, ...]]:
    return st.lists(values, max_size=3).map(lambda drawn: tuple(drawn))


def _nested(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    items = _tuples(st.builds(ListItem, blocks=_tuples(blocks)))
    return (
        st.builds(Blockquote, blocks=_tuples(blocks))
        | st.builds(BulletList, items=items)
        | st.builds(OrderedList, start=st.integers(0, 999_999_999), items=items)
    )


def _leaves(*, colored: bool) -> st.SearchStrategy[Block]:
    return (
        st.builds(Paragraph, inlines=lines(colored=colored))
        | st.builds(Heading, level=st.integers(1, 6), inlines=lines(colored=colored))
        | st.builds(CodeBlock, text=clean, language=languages)
        | st.builds(DividerBlock)
    )


def _media() -> st.SearchStrategy[Block]:
    ids = st.none() | clean.filter(bool)
    sizes = st.none() | st.integers(1, 100_000)
    directions = st.none() | st.sampled_from(Direction)
    return (
        st.builds(ImageBlock, url=urls, media_id=ids, caption=clean, width=sizes, height=sizes, direction=directions)
        | st.builds(FileBlock, url=urls, caption=clean)
        | st.builds(VideoBlock, media_id=clean.filter(bool), caption=clean)
        | st.builds(AudioBlock, url=urls, media_id=ids, caption=clean)
        | st.builds(EmbedBlock, url=urls, caption=clean, title=clean)
    )


def _documents(leaves: st.SearchStrategy[Block]) -> st.SearchStrategy[Document]:
    blocks = st.recursive(leaves, _nested, max_leaves=8)
    return st.builds(Document, blocks=_tuples(blocks)).filter(lambda document: _depth(document.blocks) <= 14)


def _depth(blocks: tuple[Block, ...]) -> int:
    deepest = 0
    for block in blocks:
        match block:
            case Blockquote():
                deepest = max(deepest, 1 + _depth(block.blocks))
            case BulletList() | OrderedList():
                deepest = max([deepest, 2, *(2 + _depth(item.blocks) for item in block.items)])
            case _:
                deepest = max(deepest, 0)
    return deepest


documents = _documents(_leaves(colored=True) | _media())
"""Any valid document."""
html_documents = _documents(_leaves(colored=False))
"""Documents whose HTML says all of them."""
