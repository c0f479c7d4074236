"""How files, their captions and choices are cut to what a channel takes."""

from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.content import document_from_text, read_document, text_of
from chaskiq_core.fitting.fit import FittedPiece, Message, fit
from chaskiq_core.plugin import (
    AlbumCapability,
    Capabilities,
    MediaCapability,
    Option,
    OptionsCapability,
    OutgoingMedia,
    TextCapability,
)

ALL = Capabilities(
    text=TextCapability(max_length=100),
    caption=TextCapability(max_length=20),
    media={"image": MediaCapability(max_bytes=100), "file": MediaCapability(max_bytes=1000)},
    album=AlbumCapability(max_items=3, together=(frozenset({"image", "video"}), frozenset({"file"}))),
    options=OptionsCapability(max_options=3, max_label=8),
)
TEXT_ONLY = Capabilities(text=TextCapability(max_length=100))
YES, NO = Option(id="y", label="Yes"), Option(id="n", label="No")


def a_file(kind: str = "image", *, size: int = 50, name: str = "a.png") -> OutgoingMedia:
    return OutgoingMedia(type=kind, media_id="m", url="https://x.example/m", filename=name, size=size)  # type: ignore[arg-type]


def outline(pieces: list[FittedPiece]) -> list[tuple[str, list[str]]]:
    return [(piece.text, [file.type for file in piece.media]) for piece in pieces]


def fitted(text: str, *files: OutgoingMedia, capabilities: Capabilities = ALL) -> list[tuple[str, list[str]]]:
    return outline(fit(Message(content=document_from_text(text), files=files), capabilities))


def test_a_short_text_is_the_file_s_caption() -> None:
    assert fitted("Look", a_file()) == [("Look", ["image"])]


def test_a_long_text_goes_before_the_file() -> None:
    long = "A text that is longer than any caption may be"

    assert fitted(long, a_file()) == [(long, []), ("", ["image"])]


def test_files_of_a_kind_are_albums_of_at_most_as_many_as_fit() -> None:
    assert fitted("Look", *[a_file()] * 4) == [("Look", ["image"] * 3), ("", ["image"])]


def test_kinds_that_do_not_mix_are_messages_of_their_own_in_their_order() -> None:
    assert fitted("", a_file(), a_file("file"), a_file()) == [("", ["image"]), ("", ["file"]), ("", ["image"])]


def test_a_picture_that_is_too_large_goes_as_a_file_and_a_larger_one_as_a_link() -> None:
    assert fitted("", a_file(size=500)) == [("", ["file"])]
    assert fitted("", a_file(size=5000, name="huge.png")) == [("huge.png: https://x.example/m", [])]


def test_a_channel_without_files_gets_links_in_the_text() -> None:
    assert fitted("Look", a_file(), capabilities=TEXT_ONLY) == [("Look\n\na.png: https://x.example/m", [])]


def test_blocks_of_a_document_keep_their_place_and_their_captions() -> None:
    content = read_document(
        {
            "type": "doc",
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "First"}]},
                {"type": "ImageBlock", "attrs": {"media_id": "m", "caption": "A cat"}},
                {"type": "paragraph", "content": [{"type": "text", "text": "This comes after the picture of the cat"}]},
            ],
        }
    )

    pieces = outline(fit(Message(content=content, files=(a_file(),)), ALL))

    assert [files for _, files in pieces] == [["image"], []]
    assert pieces[0][0] == "First"
    assert "A cat" in pieces[1][0]


def test_choices_are_buttons_or_numbered_lines() -> None:
    question = Message(content=document_from_text("Sure?"), options=(YES, NO))

    [with_buttons], [numbered] = fit(question, ALL), fit(question, TEXT_ONLY)

    assert (with_buttons.text, with_buttons.options) == ("Sure?", (YES, NO))
    assert (numbered.text, numbered.options) == ("Sure?\n\n1. Yes\n2. No", ())


def test_choices_that_are_too_many_or_too_long_are_numbered_lines() -> None:
    many = Message(content=document_from_text("Which?"), options=(YES,) * 4)
    long = Message(content=document_from_text("Which?"), options=(Option(id="l", label="A long label"),))

    assert fit(many, ALL)[-1].text.endswith("4. Yes")
    assert fit(long, ALL)[-1].text.endswith("1. A long label")


def test_a_long_text_keeps_the_marks_of_the_blocks_that_fit() -> None:
    content = read_document(
        {
            "type": "doc",
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "a" * 60, "marks": [{"type": "bold"}]}]},
                {"type": "paragraph", "content": [{"type": "text", "text": "b" * 60}]},
            ],
        }
    )

    first, second = fit(Message(content=content), ALL)

    assert (first.content.blocks, second.content.blocks) == (content.blocks[:1], content.blocks[1:])


@given(
    texts=st.lists(st.text(alphabet="ab \n.", max_size=150), max_size=3),
    files=st.lists(st.builds(a_file, st.sampled_from(["image", "file", "voice"]), size=st.integers(1, 2000))),
    capabilities=st.sampled_from([ALL, TEXT_ONLY]),
    options=st.sampled_from([(), (YES, NO), (YES,) * 5]),
)
def test_no_piece_breaks_a_limit_and_no_file_is_lost(
    texts: list[str], files: list[OutgoingMedia], capabilities: Capabilities, options: tuple[Option, ...]
) -> None:
    content = document_from_text("\n\n".join(texts))

    pieces = fit(Message(content=content, files=tuple(files), options=options), capabilities)

    for piece in pieces:
        caption = capabilities.caption
        limit = caption.max_length if piece.media and caption else capabilities.text.max_length
        assert len(piece.text) <= limit
        assert piece.text == text_of(piece.content)
        assert piece.text.strip() or piece.media
        for file in piece.media:
            assert (file.size or 0) <= capabilities.media[file.type].max_bytes
    sent = sum(len(piece.media) for piece in pieces)
    links = sum(piece.text.count("https://") for piece in pieces)
    assert sent + links == len(files)
