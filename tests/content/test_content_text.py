"""Laws and cases of plain text in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.content import (
    AudioBlock,
    Block,
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
    OrderedList,
    Paragraph,
    Text,
    clean_text,
    document_from_text,
    normalise_text,
    read_document,
    text_of,
    write_document,
)
from chaskiq_core.errors import InvalidError
from tests.content.documents import any_text, documents


def paragraph(text: str) -> Paragraph:
    return Paragraph(inlines=(Text(text=text),))


@given(any_text)
def test_the_text_of_a_text_is_its_normal_form(text: str) -> None:
    assert text_of(document_from_text(text)) == normalise_text(text)


@given(any_text)
def test_the_normal_form_is_normal(text: str) -> None:
    assert normalise_text(normalise_text(text)) == normalise_text(text)


@given(any_text)
def test_only_newlines_are_lost(text: str) -> None:
    assert normalise_text(text).replace("\n", "") == clean_text(text).replace("\n", "")


@given(any_text)
def test_a_clean_text_can_be_stored_anywhere(text: str) -> None:
    clean = clean_text(text)

    assert clean.encode().decode() == clean
    assert "\0" not in clean
    assert "\r" not in clean
    assert clean_text(clean) == clean


@given(any_text)
def test_every_document_from_text_can_be_read_back(text: str) -> None:
    document = document_from_text(text)

    assert read_document(write_document(document)) == document


@given(documents)
def test_every_document_has_a_text(document: Document) -> None:
    assert clean_text(text_of(document)) == text_of(document)


@given(st.lists(st.from_regex(r"\w{1,5}", fullmatch=True), min_size=1, max_size=6), st.data())
def test_two_blocks_never_glue_their_words(words: list[str], data: st.DataObject) -> None:
    def block(word: str) -> Block:
        inner = paragraph(word)
        item = ListItem(blocks=(inner,))
        kinds: list[Block] = [
            inner,
            Blockquote(blocks=(inner,)),
            BulletList(items=(item,)),
            OrderedList(items=(item,)),
            CodeBlock(text=word),
            ImageBlock(media_id="1", caption=word),
        ]
        return data.draw(st.sampled_from(kinds))

    text = text_of(Document(blocks=tuple([block(word) for word in words])))

    assert [word for word in text.split() if word not in ("-", "1.")] == words


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b", "a\ufffdb"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("👍🏽 \u202eאב\u200f é 𝒳", "👍🏽 \u202eאב\u200f é 𝒳"),
        ("  two\tspaces  ", "  two\tspaces  "),
    ],
)
def test_only_what_cannot_be_stored_is_changed(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.parametrize("text", ["", "\n", "\r\n\r\n\r\n"])
def test_no_text_makes_no_blocks(text: str) -> None:
    document = document_from_text(text)

    assert document == Document()
    assert document.is_empty


def test_a_blank_line_starts_a_paragraph_and_a_newline_a_line() -> None:
    document = document_from_text("\n\nHello\n  there\n\n\n\nBye\n")

    first = Paragraph(inlines=(Text(text="Hello"), HardBreak(), Text(text="  there")))
    assert document == Document(blocks=(first, paragraph("Bye")))


def test_a_text_of_very_many_lines_is_kept_whole() -> None:
    text = "\n".join(str(number) for number in range(5_000)) + "\n\nend"

    document = document_from_text(text)

    assert text_of(document) == text
    assert read_document(write_document(document)) == document


@pytest.mark.parametrize("lines", [999, 1_000, 1_001])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_the_bound_of_nodes_is_met_exactly(lines: int, gap: str) -> None:
    text = gap.join(["x"] * lines)

    document = document_from_text(text)

    assert text_of(document) == text
    assert read_document(write_document(document)) == document


def test_a_text_over_the_bound_is_refused() -> None:
    assert not document_from_text("x" * 100_000).is_empty
    with pytest.raises(InvalidError, match="more than 100000 characters"):
        document_from_text("x" * 100_001)


def test_lists_quotes_and_media_read_like_text() -> None:
    inner = OrderedList(start=9, items=(ListItem(blocks=(paragraph("one"),)), ListItem(blocks=(paragraph("two"),))))
    document = Document(
        blocks=(
            Heading(level=2, inlines=(Text(text="Title"),)),
            BulletList(items=(ListItem(blocks=(paragraph("first"), inner)), ListItem())),
            DividerBlock(),
            Blockquote(blocks=(paragraph("said"), Paragraph())),
            ImageBlock(media_id="7"),
            FileBlock(url="https://x.example/a.pdf", caption="a.pdf"),
            AudioBlock(url="https://x.example/a.ogg"),
            EmbedBlock(url="https://x.example", title="X"),
            CodeBlock(text="if x:\n    y"),
        )
    )

    assert text_of(document) == (
        "Title\n\n- first\n  9. one\n  10. two\n-\n\nsaid\n\na.pdf\n\nhttps://x.example/a.ogg\n\nX\n\nif x:\n    y"
    )
