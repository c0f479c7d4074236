"""Laws and hostile cases of ProseMirror JSON."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.content import (
    BulletList,
    CodeBlock,
    Direction,
    Document,
    EmbedBlock,
    Heading,
    ImageBlock,
    Json,
    Mark,
    MarkKind,
    OrderedList,
    Paragraph,
    Text,
    read_document,
    write_document,
)
from chaskiq_core.errors import InvalidError
from tests.content.documents import documents

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
# fmt: off
names = st.sampled_from([
    "doc", "paragraph", "heading", "blockquote", "bulletList", "orderedList", "listItem", "codeBlock", "text",
    "hardBreak", "bold", "link", "textStyle", "ImageBlock", "EmbedBlock", "DividerBlock", "__proto__",
])
# fmt: on
near_nodes = st.recursive(
    st.fixed_dictionaries({"type": names | json_values}, optional={"text": json_values, "marks": json_values}),
    lambda inner: st.fixed_dictionaries(
        {"type": names},
        optional={
            "content": st.lists(inner, max_size=3) | json_values,
            "marks": st.lists(inner, max_size=2),
            "attrs": st.dictionaries(
                st.sampled_from(["level", "start", "url", "href", "color", "width", "embed_data"]), json_values
            ),
        },
    ),
    max_leaves=8,
)


def doc(*content: object) -> dict[str, object]:
    return {"type": "doc", "content": list(content)}


def text(value: str, *marks: object) -> dict[str, object]:
    return {"type": "text", "text": value, "marks": list(marks)}


def line(*content: object) -> dict[str, object]:
    return {"type": "paragraph", "content": list(content)}


def link(href: object) -> dict[str, object]:
    return doc(line(text("x", {"type": "link", "attrs": {"href": href}})))


def image(**attrs: object) -> dict[str, object]:
    return doc({"type": "ImageBlock", "attrs": attrs})


def nested(levels: int) -> dict[str, object]:
    node: dict[str, object] = {"type": "blockquote"}
    for _ in range(levels - 1):
        node = {"type": "blockquote", "content": [node]}
    return doc(node)


def refusal(value: object) -> str:
    with pytest.raises(InvalidError) as caught:
        read_document(value)
    return str(caught.value)


@given(documents)
def test_what_is_written_is_read_back(document: Document) -> None:
    written = json.loads(json.dumps(write_document(document)))

    assert read_document(written) == document
    assert hash(read_document(written)) == hash(document)


@given(json_values | st.lists(near_nodes, max_size=3).map(lambda content: doc(*content)))
def test_any_json_is_a_document_or_one_sentence(value: object) -> None:
    sentence, document = "", Document()
    try:
        document = read_document(value)
    except InvalidError as error:
        sentence = str(error)

    assert "\n" not in sentence
    assert read_document(write_document(document)) == document


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " \t javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "java\0script:alert(1)",
        "java\u200bscript:alert(1)",
        "java script:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://x.example/1",
        "//evil.example",
        "/relative",
        "https:",
        ":x",
        "ｊavascript:alert(1)",
    ],
)
def test_a_javascript_link_is_refused(href: str) -> None:
    assert refusal(link(href)).startswith("content[0].content[0].marks[0].attrs.href: ")
    assert refusal(image(url=href)).startswith("content[0].attrs.url: ")


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        (" https://x.example/ \n", "https://x.example/"),
        ("ht\ntps://x.example/\x01a", "https://x.example/a"),
        ("MAILTO:a@b.example", "MAILTO:a@b.example"),
        ("tel:+49 30 1", "tel:+49 30 1"),
    ],
)
def test_a_good_link_is_kept_as_a_browser_sees_it(href: str, kept: str) -> None:
    mark = Mark(kind=MarkKind.LINK, value=kept)
    assert read_document(link(href)) == Document(
        blocks=(Paragraph(inlines=(Text(text="x", marks=frozenset({mark})),)),)
    )


@pytest.mark.parametrize("url", ["mailto:a@b.example", "tel:1", "ftp://x.example"])
def test_a_medium_comes_over_http_only(url: str) -> None:
    assert "is not an http or https address" in refusal(image(url=url))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, 'document: must be an object of type "doc"'),
        ([], 'document: must be an object of type "doc"'),
        ({"type": "paragraph"}, 'document: must be an object of type "doc"'),
        ({"type": "doc", "content": {}}, "content: must be a list"),
        (doc(None), "content[0]: must be an object"),
        (doc({}), "content[0]: unknown node that is not a text"),
        (doc({"type": ["paragraph"]}), "content[0]: unknown node that is not a text"),
        (doc({"type": "__proto__"}), 'content[0]: unknown node "__proto__"'),
        (doc({"type": "constructor"}), 'content[0]: unknown node "constructor"'),
        (doc({"type": "doc"}), 'content[0]: unknown node "doc"'),
        (doc({"type": "listItem"}), 'content[0]: unknown node "listItem"'),
        (doc({"type": "\ud800\n" + "x" * 99}), 'content[0]: unknown node "\\ud800\\n' + "x" * 38 + '"'),
        (doc(text("x")), 'content[0]: "text" must stand inside a paragraph or heading'),
        (doc(line(line())), 'content[0].content[0]: unknown inline node "paragraph"'),
        (doc(line({"type": "text"})), "content[0].content[0].text: must be a text"),
        (doc(line(text("x", {"type": "blink"}))), 'content[0].content[0].marks[0]: unknown mark "blink"'),
        (doc(line(text("x", {"type": "__proto__"}))), 'content[0].content[0].marks[0]: unknown mark "__proto__"'),
        (doc(line(text("x", {"type": {}}))), "content[0].content[0].marks[0]: unknown mark that is not a text"),
        (doc(line(text("x", "bold"))), "content[0].content[0].marks[0]: must be an object"),
        (doc(line(text("x", *[{"type": "bold"}] * 99))), "content[0].content[0].marks: must be a short list"),
        (link(None), "content[0].content[0].marks[0].attrs.href: a link needs an address"),
        (link(7), "content[0].content[0].marks[0].attrs.href: must be a text"),
        (doc({"type": "heading", "attrs": {"level": 7}}), "content[0].attrs.level: must be a number from 1 to 6"),
        (doc({"type": "heading", "attrs": {"level": True}}), "content[0].attrs.level: must be a number from 1 to 6"),
        (doc({"type": "heading", "attrs": []}), "content[0].attrs: must be an object"),
        (doc({"type": "bulletList", "content": [line()]}), "content[0].content[0]: a list holds nodes of type"),
        (doc({"type": "codeBlock", "content": [text("x", {"type": "bold"})]}), "content[0].content[0]: a code block"),
        (doc({"type": "codeBlock", "attrs": {"language": '"><b'}}), "content[0].attrs.language: "),
        (image(), "content[0].attrs: has neither a url nor a media_id"),
        (image(media_id="1", width=float("nan")), "content[0].attrs.width: must be a number from 1 to 100000"),
        (image(media_id="1", direction="up"), 'content[0].attrs.direction: "up" is not left, center, wide or fill'),
        (image(media_id="1", x="x" * 2_049), 'content[0].attrs."x": is longer than 2048 characters'),
        (image(media_id="1", **{f"x{i}": 1 for i in range(40)}), "content[0].attrs: has more than 40 attributes"),
    ],
)
def test_a_refusal_names_the_place(value: object, sentence: str) -> None:
    assert refusal(value).startswith(sentence)


@pytest.mark.parametrize(
    "color", ["red;background:url(//x)", "url(x)", "expression(1)", 'red"', "var(--x)", "rgb(1,2,3);x", "#12 }"]
)
def test_a_colour_cannot_carry_other_styles(color: str) -> None:
    value = doc(line(text("x", {"type": "textStyle", "attrs": {"color": color}})))
    assert "is not a colour" in refusal(value)


def test_sixteen_levels_are_read_and_seventeen_refused() -> None:
    assert read_document(nested(16)).blocks
    assert re.fullmatch(r"content\[0\](\.content\[0\]){15}\.content: is nested .*", refusal(nested(17)))
    assert "nested more than 16" in refusal(nested(100_000))


def test_two_thousand_nodes_are_read_and_one_more_refused() -> None:
    assert len(read_document(doc(*[line(text("x"))] * 1_000)).blocks) == 1_000
    assert refusal(doc(*[line()] * 2_001)) == "content[2000]: the document has more than 2000 nodes"
    assert "more than 2000 nodes" in refusal(doc(line(*[text("")] * 1_000_000)))


def test_a_hundred_thousand_characters_are_read_and_one_more_refused() -> None:
    assert read_document(doc(line(text("x" * 50_000)), line(text("x" * 50_000)))).blocks
    assert "more than 100000 characters" in refusal(doc(line(text("x" * 50_000)), line(text("x" * 50_001))))
    assert "more than 100000 characters" in refusal(doc({"type": "codeBlock", "content": [text("x" * 100_001)]}))


def test_missing_content_and_attributes_are_empty() -> None:
    value = doc(
        {"type": "paragraph"},
        {"type": "heading", "content": None, "attrs": None},
        {"type": "bulletList"},
        {"type": "orderedList", "attrs": {"start": None}},
        {"type": "codeBlock", "attrs": {"language": ""}},
    )

    assert read_document(value) == Document(blocks=(Paragraph(), Heading(), BulletList(), OrderedList(), CodeBlock()))
    assert read_document({"type": "doc"}).is_empty
    assert read_document(doc(line())).is_empty


def test_equal_neighbours_are_one_text_and_empty_texts_are_none() -> None:
    bold = {"type": "bold"}
    value = doc(line(text("a", bold), text("", {"type": "italic"}), text("b", bold, bold), text("c")))

    marks = frozenset({Mark(kind=MarkKind.BOLD)})
    assert read_document(value) == Document(blocks=(Paragraph(inlines=(Text(text="ab", marks=marks), Text(text="c"))),))


def test_two_links_on_one_text_are_refused() -> None:
    marks = [{"type": "link", "attrs": {"href": f"https://{host}.example"}} for host in "ab"]
    assert refusal(doc(line(text("x", *marks)))).startswith("content[0].content[0].marks[1]: a second link")


def test_nul_and_lone_surrogates_are_replaced() -> None:
    assert read_document(doc(line(text("a\0\ud800\r\nb")))) == Document(
        blocks=(Paragraph(inlines=(Text(text="a\ufffd\ufffd\nb"),)),)
    )


def test_unknown_attributes_are_dropped() -> None:
    value = image(url="https://x.example/a.png", width=640.4, direction="wide", file=None, __proto__={"x": 1})

    assert read_document(value) == Document(
        blocks=(ImageBlock(url="https://x.example/a.png", width=640, direction=Direction.WIDE),)
    )


def test_an_embed_takes_what_its_oembed_data_says() -> None:
    data: dict[str, Json] = {"url": "https://x.example", "title": "X", "html": "<script>"}
    value = doc({"type": "EmbedBlock", "attrs": {"embed_data": data}})

    assert read_document(value) == Document(blocks=(EmbedBlock(url="https://x.example", title="X"),))


def test_marks_are_written_in_one_order() -> None:
    marks = frozenset({Mark(kind=kind) for kind in (MarkKind.CODE, MarkKind.BOLD, MarkKind.ITALIC)})
    document = Document(blocks=(Paragraph(inlines=(Text(text="x", marks=marks),)),))

    written = json.dumps(write_document(document))

    assert written.index("bold") < written.index("italic") < written.index("code")
