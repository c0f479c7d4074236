"""Laws and hostile cases of HTML in and out."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.content import (
    BulletList,
    CodeBlock,
    Document,
    FileBlock,
    HardBreak,
    Heading,
    ImageBlock,
    ListItem,
    Mark,
    MarkKind,
    Paragraph,
    Text,
    VideoBlock,
    document_from_html,
    document_from_text,
    html_of,
    read_document,
    text_of,
    write_document,
)
from chaskiq_core.errors import InvalidError
from tests.content.documents import any_text, documents, html_documents

# fmt: off
TAGS = [
    "p", "br", "div", "span", "h1", "h3", "blockquote", "ul", "ol", "li", "pre", "code", "b", "i", "u", "s", "a", "img",
    "hr", "table", "tr", "td", "select", "option", "svg", "math", "script", "style", "template", "textarea", "title",
    "button", "form", "font",
]
ALLOWED = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code", "strong", "em", "u", "s",
    "a", "span", "br", "hr", "img", "video", "audio",
})
# fmt: on
soup = st.lists(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])
    | st.sampled_from(
        [
            "<a href='https://x.example/'>",
            "<a href=javascript:x>",
            "<img src=https://x.example/a.png alt=A>",
            "<p style='white-space: pre-wrap'>",
            "<code class=language-c>",
            "<ol start=7>",
            "<!--",
            "-->",
            "&#0;",
            "&#13;",
            "&nbsp;",
            "<![CDATA[",
            "<a b='",
            "\n  ",
        ]
    )
    | any_text,
    max_size=25,
).map("".join)


class Inspection(HTMLParser):
    """Fails on anything that html_of must never write."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        for name, value in attrs:
            assert name in {"href", "rel", "src", "alt", "width", "height", "class", "style", "start", "controls"}
            if name in ("href", "src"):
                assert re.match("(https?|mailto|tel):", value or "", re.IGNORECASE)
            if name == "style":
                assert re.fullmatch(r"white-space:pre-wrap|color:[a-z0-9#(),.%/ ]+", value or "", re.IGNORECASE)


def inspect(html: str) -> None:
    inspection = Inspection()
    inspection.feed(html)
    inspection.close()


def paragraph(text: str) -> Paragraph:
    return Paragraph(inlines=(Text(text=text),))


@given(html_documents)
def test_a_document_survives_its_html(document: Document) -> None:
    assert document_from_html(html_of(document)) == document


@given(documents)
def test_the_html_of_any_document_is_harmless(document: Document) -> None:
    inspect(html_of(document))


@given(soup)
def test_any_html_makes_a_valid_document(html: str) -> None:
    document = document_from_html(html)

    assert read_document(write_document(document)) == document
    inspect(html_of(document))


@given(soup)
def test_reading_html_twice_changes_nothing(html: str) -> None:
    document = document_from_html(html)
    images = any(block["type"] == "ImageBlock" for block in _flat(write_document(document)))

    if not images:
        assert document_from_html(html_of(document)) == document


def _flat(node: object) -> list[dict[str, object]]:
    if not isinstance(node, dict):
        return []
    content = node.get("content")
    return [node] + [inner for child in (content if isinstance(content, list) else []) for inner in _flat(child)]


@given(any_text)
def test_an_escaped_text_says_the_same(text: str) -> None:
    document = document_from_text(text)

    assert text_of(document_from_html(html_of(document))) == text_of(document)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "java&#10;script:alert(1)",
        "&#106;avascript&colon;alert(1)",
        "&#1;javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "vbscript:x",
    ],
)
def test_a_javascript_link_leaves_its_words(address: str) -> None:
    html = f'<p>see <a href="{address}" onclick="x()">this</a><img src="{address}" alt=" picture" onerror="x()"></p>'

    assert document_from_html(html) == Document(blocks=(paragraph("see this picture"),))


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<title>x</title>",
        "<!-- <p>x</p> -->",
        "<svg><style><img src=x onerror=x></style></svg>",
        "",
        " \n ",
        "<div><br></div>",
        "<ul></ul>",
    ],
)
def test_what_nobody_sees_is_left_out(html: str) -> None:
    assert text_of(document_from_html(html)) == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("one  two\n three", "one two three"),
        ("<p> a <b> b</b> c </p>", "a b c"),
        ("a<br> b <br/>c", "a\nb\nc"),
        ("<div>Hi</div><div><br></div><div>you</div>", "Hi\n\nyou"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\n\nb"),
        ("<marquee>run</marquee> <blink>on</blink>", "run on"),
        ("a&nbsp; b", "a\u00a0 b"),
        ("<p style='White-Space: pre-wrap'>  a\n  b</p>", "  a\n  b"),
        ("<pre>  a\n b<br>c</pre>", "  a\n b\nc"),
        ("<ol start=3><li>a<li>b<ul><li>c</ul></ol>", "3. a\n4. b\n   - c"),
        ("<li>a</li><li>b</li>", "a\n\nb"),
        ("<ul>a<ul><li>b</ul></ul>", "- a\n- - b"),
        ("a\0b&#0;c\ud800", "a\ufffdb\ufffdc\ufffd"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
    ],
)
def test_white_space_is_read_as_browsers_do(html: str, text: str) -> None:
    assert text_of(document_from_html(html)) == text


def test_every_known_tag_means_something() -> None:
    html = (
        "<h1><div>T</div></h1><p><b>b</b><i>i</i><u>u</u><del>s</del><code>c</code><a href='https://x.example'>l</a>"
        "<img src='https://x.example/a.png' width=3 height=0 alt=A>end<br></p>"
        "<pre><code class='hl language-c++'>x\n</code></pre>"
    )

    kinds = [MarkKind.BOLD, MarkKind.ITALIC, MarkKind.UNDERLINE, MarkKind.STRIKE, MarkKind.CODE]
    marked = [
        Text(text=letter, marks=frozenset({Mark(kind=kind)})) for letter, kind in zip("biusc", kinds, strict=True)
    ]
    link = Text(text="l", marks=frozenset({Mark(kind=MarkKind.LINK, value="https://x.example")}))
    assert document_from_html(html).blocks == (
        Heading(level=1, inlines=(Text(text="T"),)),
        Paragraph(inlines=(*marked, link)),
        ImageBlock(url="https://x.example/a.png", caption="A", width=3),
        paragraph("end"),
        CodeBlock(text="x\n", language="c++"),
    )


def test_links_are_written_for_strangers() -> None:
    mark = Mark(kind=MarkKind.LINK, value='https://x.example/"><b>')
    html = html_of(Document(blocks=(Paragraph(inlines=(Text(text="<i>", marks=frozenset({mark})), HardBreak())),)))

    assert html == (
        '<p><a href="https://x.example/&quot;&gt;&lt;b&gt;" rel="noopener noreferrer nofollow">&lt;i&gt;</a><br></p>'
    )


def test_a_bad_address_built_by_hand_is_not_written() -> None:
    mark = Mark(kind=MarkKind.LINK, value="javascript:x")
    color = Mark(kind=MarkKind.COLOR, value="red;x:y")
    document = Document(
        blocks=(
            Paragraph(inlines=(Text(text="x", marks=frozenset({mark, color})),)),
            VideoBlock(url="javascript:x", caption="film"),
            FileBlock(media_id="7"),
        )
    )

    assert html_of(document) == "<p>x</p><p>film</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + "x" + "</div>" * 10_000,
        "<ul><li>" * 5_000 + "x",
        "<blockquote>" * 10_000 + "x",
        "<pre>" * 10_000 + "x",
        "<b>" * 10_000 + "x",
        "<div>" * 9_000 + "x" + "</p>" * 9_900,
        "<b><div>" * 5_000 + "x" + "</b>" * 5_000,
        "<table><td>" * 5_000 + "x",
        "x" + "<!--" * 20_000,
        "x" + "<" * 90_000,
        "x" + "&" * 90_000,
        "x<a " + " ".join(f"a{number}=1" for number in range(15_000)) + ">",
    ],
)
def test_deep_and_broken_html_is_read_in_time(html: str) -> None:
    started = time.monotonic()

    document = document_from_html(html)

    assert "x" in text_of(document)
    assert read_document(write_document(document)) == document
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "html",
    [
        "x" * 200_001,
        "x" * 100_001,
        "<pre>" + "x" * 100_001,
        "<i>" * 10_001,
        "</i>" * 10_001,
        "<p>" + "".join(f"<b a={number}>" for number in range(100)) + "<p>x" * 9_000,
        "<p>" + "".join(f'<b a="<{number}">' for number in range(1_000)) + "<p>x" * 5_000,
        "<p>" + "<b><i><u><s><em><tt><code><strong><big><small><font><strike>" * 3 + "<p>x" * 9_900,
        "<b a='" * 9_000,
        "<b a " * 9_000,
    ],
)
def test_html_that_costs_too_much_is_refused_in_time(html: str) -> None:
    started = time.monotonic()

    with pytest.raises(InvalidError, match=r"^html: "):
        document_from_html(html)
    assert time.monotonic() - started < 5


def test_html_of_too_many_nodes_keeps_its_words() -> None:
    html = "".join(f"<p><b>{number}</b></p>" for number in range(1_500))

    document = document_from_html(html)

    assert text_of(document) == "\n\n".join(str(number) for number in range(1_500))
    assert read_document(write_document(document)) == document


def test_a_list_too_deep_for_its_texts_keeps_them() -> None:
    document = document_from_html("".join(f"<ul><li>{number}" for number in range(30)))

    assert re.findall(r"\d+", text_of(document)) == [str(number) for number in range(30)]
    assert read_document(write_document(document)) == document


def test_one_item_is_one_item() -> None:
    document = Document(blocks=(BulletList(items=(ListItem(), ListItem(blocks=(Paragraph(),)))),))

    assert document_from_html(html_of(document)) == document
