"""Our HTML is in Telegram's subset, and what it shows is what the limits were counted on."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    document_from_html,
    text_of,
)
from chaskiq_telegram.markup import Block, telegram_html
from chaskiq_telegram.sandbox.entities import parse_html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>plain</p>", None),
        ("<p>a < b & c > d</p>", None),
        ("<p><b>a & b</b> <i>c</i></p>", "<b>a &amp; b</b> <i>c</i>"),
        ("<p><u><s>x</s></u></p>", "<u><s>x</s></u>"),
        ("<p><b><code>x < 1</code></b></p>", "<code>x &lt; 1</code>"),
        ('<p><a href="https://e.org/?a=1&amp;b=2">so</a></p>', '<a href="https://e.org/?a=1&amp;b=2">so</a>'),
        ('<p><a href="https://e.org"><code>so</code></a></p>', '<a href="https://e.org">so</a>'),
        ("<h2>Hours</h2><p>9 to 5</p>", "<b>Hours</b>\n\n9 to 5"),
        ("<p><b>a<br>b</b></p>", "<b>a</b>\n<b>b</b>"),
        ("<pre><code>a\n\nb</code></pre>", "<pre>a\n\nb</pre>"),
        (
            '<pre><code class="language-c++">a &lt; b</code></pre>',
            '<pre><code class="language-c++">a &lt; b</code></pre>',
        ),
        ("<ul><li>a<ol><li>b</li></ol></li><li><b>c</b></li></ul>", "- a\n  1. b\n- <b>c</b>"),
        (
            "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
            "<blockquote>a\n\nb</blockquote>",
        ),
        ('<p>see</p><hr><img src="https://e.org/x.png" alt="a map">', 'see\n\n<a href="https://e.org/x.png">a map</a>'),
        ('<img src="https://e.org/x.png">', None),
    ],
)
def test_a_document_in_telegrams_html(html: str, expected: str | None) -> None:
    assert telegram_html(document_from_html(html)) == expected


def test_a_language_that_is_no_word_is_left_out() -> None:
    block = CodeBlock(text="x", language='"><p>')

    assert telegram_html(Document(blocks=(block,))) == "<pre>x</pre>"


def test_more_markup_than_telegram_reads_is_left_out() -> None:
    looks = frozenset({Mark(kind=MarkKind.BOLD), Mark(kind=MarkKind.STRIKE)})
    inlines = [Text(text="&", marks=looks if place % 2 else frozenset()) for place in range(4_000)]

    assert telegram_html(Document(blocks=(Paragraph(inlines=tuple(inlines[:100])),))) is not None
    assert telegram_html(Document(blocks=(Paragraph(inlines=tuple(inlines)),))) is None


words = st.text(st.sampled_from("ab <&>\"'\n/.🚲é;#"), min_size=1, max_size=12)
addresses = st.sampled_from(["https://example.org/?a=1&b='\"<x>", "mailto:a@example.org", "tel:+351"])
marks = st.frozensets(
    st.one_of(
        st.sampled_from([Mark(kind=kind) for kind in MarkKind if kind not in (MarkKind.LINK, MarkKind.COLOR)]),
        st.just(Mark(kind=MarkKind.COLOR, value="red")),
    ),
    max_size=4,
)
links = st.one_of(
    st.just(frozenset[Mark]()), addresses.map(lambda url: frozenset({Mark(kind=MarkKind.LINK, value=url)}))
)
inlines = st.lists(
    st.one_of(
        st.just(HardBreak()), st.builds(lambda text, one, two: Text(text=text, marks=one | two), words, marks, links)
    ),
    max_size=5,
).map(tuple)
captions = st.one_of(st.just(""), words)
urls = st.one_of(st.none(), st.just("https://example.org/a?b=1&c=2"))
leaves: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, inlines=inlines),
    st.builds(Heading, level=st.integers(1, 6), inlines=inlines),
    st.builds(CodeBlock, text=st.one_of(st.just(""), words), language=st.sampled_from([None, "python", "a b"])),
    st.builds(DividerBlock),
    st.builds(EmbedBlock, url=urls, caption=captions, title=captions),
    *[st.builds(kind, url=urls, caption=captions) for kind in (ImageBlock, FileBlock, VideoBlock, AudioBlock)],
)


def _containers(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    blocks = st.lists(inner, max_size=3).map(tuple)
    items = st.lists(st.builds(ListItem, blocks=blocks), max_size=3).map(tuple)
    return st.one_of(
        st.builds(Blockquote, blocks=blocks),
        st.builds(BulletList, items=items),
        st.builds(OrderedList, start=st.integers(0, 999), items=items),
    )


documents = st.lists(st.recursive(leaves, _containers, max_leaves=6), max_size=5).map(
    lambda blocks: Document(blocks=tuple(blocks))
)


@given(documents)
def test_telegram_reads_every_document_and_shows_its_text(document: Document) -> None:
    html = telegram_html(document)

    if html is not None:
        assert parse_html(html).text == text_of(document)


@given(documents)
def test_no_quote_stands_in_a_quote_and_nothing_in_code(document: Document) -> None:
    open_tags: list[str] = []
    for closing, name in re.findall(r"<(/?)([a-z]+)", telegram_html(document) or ""):
        if closing:
            assert open_tags.pop() == name
            continue
        assert "code" not in open_tags
        assert "pre" not in open_tags or name == "code"
        assert (name, open_tags.count("blockquote")) != ("blockquote", 1)
        open_tags.append(name)
    assert open_tags == []
