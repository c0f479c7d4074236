"""Telegram counts in UTF-16 units; our document has the same looks at the same words, and never other words."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import (
    Blockquote,
    CodeBlock,
    Document,
    HardBreak,
    JsonObject,
    Mark,
    MarkKind,
    MessageReceived,
    Paragraph,
    Text,
    document_from_html,
    document_from_text,
    html_of,
    text_of,
)
from chaskiq_plugins.telegram.tests.telegram_updates import OMAR, parse_as, update
from chaskiq_telegram.reading.entities import document_of, spans_of
from chaskiq_telegram.sandbox.formatted import utf16_length, utf16_slice

KINDS = (
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "code",
    "pre",
    "text_link",
    "url",
    "email",
    "phone_number",
    "mention",
    "hashtag",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "from_the_future",
)


def entity(kind: str, offset: object, length: object, **more: object) -> JsonObject:
    return {"type": kind, "offset": offset, "length": length, **more}


def marked(document: Document | None) -> dict[str, set[str]]:
    """Which words have which marks."""
    assert document is not None
    return {
        inline.text: {mark.kind.value for mark in inline.marks}
        for block in document.blocks
        if isinstance(block, Paragraph)
        for inline in block.inlines
        if isinstance(inline, Text) and inline.marks
    }


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("bold", Mark(kind=MarkKind.BOLD)),
        ("italic", Mark(kind=MarkKind.ITALIC)),
        ("underline", Mark(kind=MarkKind.UNDERLINE)),
        ("strikethrough", Mark(kind=MarkKind.STRIKE)),
        ("code", Mark(kind=MarkKind.CODE)),
        ("pre", Mark(kind=MarkKind.CODE)),
        ("spoiler", None),
        ("hashtag", None),
        ("bot_command", None),
        ("custom_emoji", None),
        ("from_the_future", None),
    ],
)
def test_an_entity_is_a_mark(kind: str, mark: Mark | None) -> None:
    document = document_of("say it well", [entity(kind, 4, 2)])
    expected = Document(
        blocks=(Paragraph(inlines=(Text(text="say "), Text(text="it", marks=frozenset({mark})), Text(text=" well"))),)
        if mark
        else ()
    )

    assert document == (expected if mark else None)


@pytest.mark.parametrize(
    ("text", "found", "address"),
    [
        ("the docs", entity("text_link", 0, 8, url="https://example.org/?a=1&b=2"), "https://example.org/?a=1&b=2"),
        ("https://example.org/x", entity("url", 0, 21), "https://example.org/x"),
        ("example.org:80/x", entity("url", 0, 16), "http://example.org:80/x"),
        ("a@example.org", entity("email", 0, 13), "mailto:a@example.org"),
        ("+351 (91) 1", entity("phone_number", 0, 11), "tel:+351911"),
        ("@desk_bot", entity("mention", 0, 9), "https://t.me/desk_bot"),
        ("Omar", entity("text_mention", 0, 4, user=OMAR), None),
        ("click", entity("text_link", 0, 5, url="javascript:alert(1)"), None),
        ("click", entity("text_link", 0, 5, url="tg://user?id=7"), None),
        ("click", entity("text_link", 0, 5, url="https://x/" + "a" * 3000), None),
        ("click", entity("text_link", 0, 5), None),
    ],
)
def test_an_address_is_a_link_where_a_link_may_go(text: str, found: JsonObject, address: str | None) -> None:
    document = document_of(text, [found])
    link = frozenset({Mark(kind=MarkKind.LINK, value=address or "")})

    assert document == (Document(blocks=(Paragraph(inlines=(Text(text=text, marks=link),)),)) if address else None)


def test_looks_lie_over_each_other() -> None:
    document = document_of("one two three", [entity("bold", 0, 7), entity("italic", 4, 9), entity("bold", 4, 3)])

    assert marked(document) == {"one ": {"bold"}, "two": {"bold", "italic"}, " three": {"italic"}}


@pytest.mark.parametrize(
    ("offset", "length", "words"),
    [
        (3, 4, "ride"),
        (0, 2, "🚲"),
        (0, 1, "🚲"),  # half a character is the character
        (1, 1, "🚲"),
        (1, 3, "🚲 r"),
        (8, 50, "🏁"),  # beyond the end
        ("3", "4", "ride"),
    ],
)
def test_places_are_counted_in_utf_16_units(offset: object, length: object, words: str) -> None:
    assert marked(document_of("🚲 ride 🏁", [entity("bold", offset, length)])) == {words: {"bold"}}


@pytest.mark.parametrize(
    ("offset", "length"),
    [(-1, 3), (0, 0), (0, -2), (10, 1), (99, 1), (None, 1), (0, None), (True, 1), (0.5, 1), (2**80, 1), ("x", 1)],
)
def test_a_place_outside_of_the_text_is_none(offset: object, length: object) -> None:
    assert document_of("🚲 ride 🏁", [entity("bold", offset, length)]) is None


def test_code_and_quotes_set_apart_are_blocks() -> None:
    text = "Look:\n\nprint(1)\nprint(2)\n\n\nhe said\nso\n\nbye"
    spans = [entity("pre", 7, 18, language="python"), entity("blockquote", 27, 10), entity("bold", 30, 4)]
    quoted = (
        Text(text="he "),
        Text(text="said", marks=frozenset({Mark(kind=MarkKind.BOLD)})),
        HardBreak(),
        Text(text="so"),
    )

    assert document_of(text, spans) == Document(
        blocks=(
            Paragraph(inlines=(Text(text="Look:"),)),
            CodeBlock(text="print(1)\nprint(2)", language="python"),
            Blockquote(blocks=(Paragraph(inlines=quoted),)),
            Paragraph(inlines=(Text(text="bye"),)),
        )
    )


def test_code_within_a_paragraph_stays_there() -> None:
    text = "run\nmake\nor\nmake all"
    document = document_of(text, [entity("pre", 4, 5), entity("blockquote", 9, 2)])

    assert marked(document) == {"make": {"code"}}
    assert document is not None
    assert text_of(document) == text


@pytest.mark.parametrize("language", ["", "two words", '"><script>', "x" * 61])
def test_the_name_of_a_language_is_one_word(language: str) -> None:
    document = document_of("x = 1", [entity("pre", 0, 5, language=language)])

    assert document == Document(blocks=(CodeBlock(text="x = 1"),))


@pytest.mark.parametrize("text", ["a\r\nb", "a\x00b", "a\ud800b", "a\n" * 2_000 + "b", "a" * 100_001])
def test_a_text_that_no_document_holds_has_no_looks(text: str) -> None:
    assert document_of(text, [entity("bold", 0, 1)]) is None


def test_more_looks_than_a_document_holds_are_left_out() -> None:
    document = document_of("ab" * 5_000, [entity("bold", place * 2, 1) for place in range(5_000)])

    assert document is not None
    assert len(marked(document)) == 1
    assert text_of(document) == "ab" * 5_000


def test_a_caption_has_looks_too() -> None:
    body = update(photo=[{"file_id": "p"}], caption="so blue", caption_entities=[entity("bold", 3, 4)])

    assert marked(parse_as(MessageReceived, body).content) == {"blue": {"bold"}}


texts = st.text(st.sampled_from('ab <&>"\n\n.🚲👩\u200dé'), max_size=40)
places = st.integers(min_value=-2, max_value=60)
entities = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(KINDS),
            "offset": places,
            "length": places,
            "url": st.sampled_from(["https://example.org/?q=\"<&>'", "x"]),
            "language": st.sampled_from(["python", "c++", "no no"]),
        }
    ),
    max_size=8,
)


@given(texts, entities)
def test_looks_never_change_the_words(text: str, given_entities: Sequence[JsonObject]) -> None:
    document = document_of(text, given_entities)
    plain = text_of(document_from_text(text))

    if document is not None:
        assert text_of(document_from_text(text_of(document))) == plain


@given(texts, entities)
def test_a_documents_looks_survive_html(text: str, given_entities: Sequence[JsonObject]) -> None:
    document = document_of(text, given_entities)

    if document is not None:
        assert text_of(document_from_html(html_of(document))) == text_of(document)


@given(texts, entities)
def test_a_span_is_what_telegram_would_cut_out(text: str, given_entities: Sequence[JsonObject]) -> None:
    units = utf16_length(text)
    for one in given_entities:
        offset, length = one["offset"], one["length"]
        assert isinstance(offset, int)
        assert isinstance(length, int)
        spans = spans_of(text, [one])
        if offset < 0 or length <= 0 or offset >= units:
            assert spans == []
            continue
        [span] = spans
        covered, cut = text[span.start : span.end], utf16_slice(text, offset, min(length, units - offset))
        whole = not any("\ud800" <= character <= "\udfff" for character in cut)
        assert covered == cut if whole else cut.strip("".join(map(chr, range(0xD800, 0xE000)))) in covered
