"""mrkdwn there and back: nothing lost, escaped once, and nobody's words ping or link."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import Blockquote as Quote
from chaskiq_core.plugin import (
    BulletList,
    CodeBlock,
    Document,
    HardBreak,
    Heading,
    ListItem,
    Mark,
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    document_from_text,
    text_of,
)
from chaskiq_slack.markup import has_looks, slack_mrkdwn
from chaskiq_slack.reading.control import unescape
from chaskiq_slack.reading.mrkdwn import document_of, words_of

BOLD, ITALIC, STRIKE, CODE = (
    frozenset({Mark(kind=kind)}) for kind in (MarkKind.BOLD, MarkKind.ITALIC, MarkKind.STRIKE, MarkKind.CODE)
)
NONE: frozenset[Mark] = frozenset()


def link(address: str) -> frozenset[Mark]:
    return frozenset({Mark(kind=MarkKind.LINK, value=address)})


def line(*texts: tuple[str, frozenset[Mark]]) -> Document:
    return Document(blocks=(Paragraph(inlines=tuple(Text(text=text, marks=marks) for text, marks in texts)),))


@pytest.mark.parametrize(
    ("document", "mrkdwn"),
    [
        (line(("a & b <c>", NONE)), "a &amp; b &lt;c&gt;"),
        (line(("&amp;", NONE)), "&amp;amp;"),
        (line(("<!channel> <@U1>", NONE)), "&lt;!channel&gt; &lt;@U1&gt;"),
        (line(("a ", NONE), ("b", BOLD), (" c", NONE)), "a *b* c"),
        (line(("a", NONE), ("b", BOLD), ("c", NONE)), "abc"),
        (line((" b ", BOLD)), " *b* "),
        (line(("b", BOLD | ITALIC | STRIKE)), "*_~b~_*"),
        (line(("a*b", BOLD)), "a*b"),
        (line(("x < 1", CODE)), "`x &lt; 1`"),
        (line(("a`b", CODE)), "a`b"),
        (line(("docs", link("https://a.example/?x=1&y=2"))), "<https://a.example/?x=1&amp;y=2|docs>"),
        (line(("https://a.example/", link("https://a.example/"))), "<https://a.example/>"),
        (line(("a|b>c", link("https://a.example/x|y>z"))), "<https://a.example/x%7Cy%3Ez|a|b&gt;c>"),
        (line(("x", link("javascript:alert(1)"))), "x"),
        (line(("a\nb", BOLD)), "*a*\n*b*"),
        (
            Document(blocks=(Heading(level=1, inlines=(Text(text="Title"),)), Paragraph(inlines=(Text(text="x"),)))),
            "*Title*\n\nx",
        ),
        (Document(blocks=(Quote(blocks=document_from_text("a\nb\n\nc").blocks),)), "> a\n> b\n> \n> c"),
        (Document(blocks=(CodeBlock(text="if a < b:\n  c"),)), "```\nif a &lt; b:\n  c\n```"),
        (
            Document(
                blocks=(
                    BulletList(
                        items=(
                            ListItem(blocks=document_from_text("a").blocks),
                            ListItem(blocks=document_from_text("b").blocks),
                        )
                    ),
                    OrderedList(start=3, items=(ListItem(blocks=document_from_text("c").blocks),)),
                )
            ),
            "- a\n- b\n\n3. c",
        ),
    ],
)
def test_a_document_as_slack_wants_it(document: Document, mrkdwn: str) -> None:
    assert slack_mrkdwn(document) == mrkdwn


@pytest.mark.parametrize(
    ("mrkdwn", "document"),
    [
        ("a *b* c", line(("a ", NONE), ("b", BOLD), (" c", NONE))),
        ("*_~b~_*", line(("b", BOLD | ITALIC | STRIKE))),
        ("a_b_c 2*3*4", line(("a_b_c 2*3*4", NONE))),
        ("* a * _ b", line(("* a * _ b", NONE))),
        ("`*x* &lt;y&gt;`", line(("*x* <y>", CODE))),
        ("*see <https://a.example|it>*", line(("see ", BOLD), ("it", BOLD | link("https://a.example")))),
        ("<https://a.example/a*b|x> *y*", line(("x", link("https://a.example/a*b")), (" ", NONE), ("y", BOLD))),
        ("<javascript:alert(1)|x>", line(("x", NONE))),
        ("<!here> <!channel|everyone>", line(("@here", NONE), (" ", NONE), ("@everyone", NONE))),
        (
            "<!date^5^{date}> <!date^99999999999999999999^x>",
            line(("1970-01-01 00:00 UTC", NONE), (" ", NONE), ("99999999999999999999", NONE)),
        ),
        ("<>", line(("<>", NONE))),
        ("&amp;lt;", line(("&lt;", NONE))),
        (
            "&gt; a\n&gt; b\nc",
            Document(
                blocks=(
                    Quote(blocks=(Paragraph(inlines=(Text(text="a"), HardBreak(), Text(text="b"))),)),
                    Paragraph(inlines=(Text(text="c"),)),
                )
            ),
        ),
        (
            "x ```a\n&amp;&amp; <https://b.example>``` y",
            Document(
                blocks=(
                    Paragraph(inlines=(Text(text="x "),)),
                    CodeBlock(text="a\n&& https://b.example"),
                    Paragraph(inlines=(Text(text=" y"),)),
                )
            ),
        ),
        ("&gt;", line((">", NONE))),
        ("", Document()),
        (" \n\n ", Document()),
    ],
)
def test_slacks_text_as_a_document(mrkdwn: str, document: Document) -> None:
    assert document_of(mrkdwn) == document


@given(st.text(max_size=200))
def test_no_text_of_anybody_is_a_control_sequence(text: str) -> None:
    mrkdwn = slack_mrkdwn(document_from_text(text))

    assert "<" not in mrkdwn
    assert unescape(mrkdwn) == text_of(document_from_text(text))
    assert not has_looks(document_from_text(text))


MARKS = st.sets(st.sampled_from([MarkKind.BOLD, MarkKind.ITALIC, MarkKind.STRIKE, MarkKind.CODE]), max_size=2)
RUNS = st.lists(st.tuples(st.text(alphabet="ab &<>*_~`|!@", min_size=1, max_size=8), MARKS), min_size=1, max_size=6)


@given(RUNS)
def test_marks_neither_add_nor_lose_a_character(runs: list[tuple[str, set[MarkKind]]]) -> None:
    document = line(*((text, frozenset(Mark(kind=kind) for kind in kinds)) for text, kinds in runs))
    mrkdwn = slack_mrkdwn(document)

    signs = re.compile(r"[*_~`]")
    assert signs.sub("", unescape(mrkdwn)) == signs.sub("", text_of(document))
    assert "<" not in mrkdwn


WORDS = st.text(alphabet="abc XY&<>.,é😀", min_size=1, max_size=12).filter(lambda text: text.strip() == text)


@given(st.lists(st.tuples(WORDS, MARKS), min_size=1, max_size=5))
def test_there_and_back_is_the_same(runs: list[tuple[str, set[MarkKind]]]) -> None:
    """Of words that stand apart, as people mark them."""
    texts: list[tuple[str, frozenset[Mark]]] = [("x ", NONE)]  # a sign at the start of a line is a quote
    for text, kinds in runs:
        only_code = {MarkKind.CODE} if MarkKind.CODE in kinds else kinds
        texts += [(text, frozenset(Mark(kind=kind) for kind in only_code)), (" ", NONE)]
    document = line(*texts[:-1])

    assert marked(document_of(slack_mrkdwn(document))) == marked(document)


def marked(document: Document) -> list[tuple[str, frozenset[Mark]]]:
    """Each character with its marks."""
    [paragraph] = document.blocks
    assert isinstance(paragraph, Paragraph)
    return [(c, one.marks) for one in paragraph.inlines if isinstance(one, Text) for c in one.text]


@given(st.text(max_size=300))
def test_any_text_of_slack_is_read(text: str) -> None:
    document = document_of(text)

    words_of(document)
    slack_mrkdwn(document)


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 30_000,
        "*a* " * 25_000,
        "<a" * 50_000,
        "<a>" * 33_000,
        "`" * 100_000,
        "```" * 30_000,
        "&gt; a\n" * 14_000,
        "_*~" * 30_000,
    ],
)
def test_hostile_text_is_read_in_no_time(text: str) -> None:
    began = time.perf_counter()
    document_of(text)

    assert time.perf_counter() - began < 2
