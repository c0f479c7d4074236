"""Channels that are particular: which files take a caption, which types of content, what looks cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.content import document_from_html, document_from_text
from chaskiq_core.fitting.fit import Message, fit
from chaskiq_core.plugin import (
    Capabilities,
    MediaCapability,
    Option,
    OptionsCapability,
    OutgoingMedia,
    TextCapability,
)
from chaskiq_core.plugin.outbound import OutgoingType
from chaskiq_whatsapp.markup import whatsapp_text

PARTICULAR = Capabilities(
    text=TextCapability(max_length=100),
    caption=TextCapability(max_length=50),
    media={
        "image": MediaCapability(max_bytes=10, mimes=frozenset({"image/png"})),
        "audio": MediaCapability(max_bytes=10, caption=False),
        "file": MediaCapability(max_bytes=10, mimes=frozenset({"application/pdf"})),
    },
    options=OptionsCapability(max_options=3, max_label=20, with_media=False),
)


def a_file(kind: OutgoingType, mime: str | None) -> OutgoingMedia:
    return OutgoingMedia(type=kind, media_id="m", url="https://x.example/f", filename="f", mime=mime, size=5)


def fitted(*files: OutgoingMedia, text: str = "", options: tuple[Option, ...] = ()) -> list[tuple[str, list[str], int]]:
    """Of each piece its text, the types of its files, how many buttons."""
    message = Message(content=document_from_text(text), files=files, options=options)
    return [(one.text, [file.type for file in one.media], len(one.options)) for one in fit(message, PARTICULAR)]


def test_a_file_that_takes_no_caption_leaves_the_text_a_message_of_its_own() -> None:
    assert fitted(a_file("audio", "audio/mpeg"), text="Hear") == [("Hear", [], 0), ("", ["audio"], 0)]
    assert fitted(a_file("image", "image/png"), text="See") == [("See", ["image"], 0)]


@pytest.mark.parametrize(
    ("kind", "mime", "goes_as"),
    [
        ("image", "image/png", "image"),
        ("image", "IMAGE/PNG; charset=x", "image"),
        ("image", None, "image"),
        ("image", "image/webp", "link"),
        ("file", "application/zip", "link"),
        ("file", "application/pdf", "file"),
        ("video", "video/mp4", "link"),
    ],
)
def test_a_type_that_is_not_taken_goes_as_what_is(kind: OutgoingType, mime: str | None, goes_as: str) -> None:
    [(text, kinds, _)] = fitted(a_file(kind, mime))

    assert (kinds or ["link"]) == [goes_as]
    assert (text == "f: https://x.example/f") == (goes_as == "link")


def test_buttons_that_stand_under_no_file_become_numbers_there() -> None:
    options = (Option(id="a", label="Yes"), Option(id="b", label="No"))

    assert fitted(text="Well?", options=options) == [("Well?", [], 2)]
    assert fitted(a_file("image", "image/png"), text="Well?", options=options) == [
        ("Well?", ["image"], 0),
        ("1. Yes\n2. No", [], 0),
    ]


words = st.sampled_from(["word", "longer words", "x", "two\nlines"])
marks = st.sampled_from(["b", "i", "s", "code", "u"])
lines = st.lists(
    st.one_of(
        st.builds(lambda mark, word: f"<p><{mark}>{word}</{mark}> and</p>", marks, words),
        st.builds(lambda one, other, word: f"<p>a <{one}><{other}>{word}</{other}></{one}></p>", marks, marks, words),
        st.builds(lambda word: f"<h2>{word} <i>i</i></h2>", words),
        st.builds(lambda word: f"<blockquote><p>{word}</p><p>{word}</p></blockquote>", words),
        st.builds(lambda word: f"<ul><li>{word}</li><li><b>{word}</b></li></ul>", words),
        st.builds(lambda word: f"<pre>{word}</pre>", words),
        st.builds(lambda word: f'<p><a href="https://x.example/{"y" * 20}">{word}</a></p>', words),
    ),
    max_size=12,
)


@given(lines)
def test_what_fits_still_fits_with_its_signs(html: list[str]) -> None:
    limit = TextCapability(max_length=90, sign_length=2)

    for piece in fit(Message(content=document_from_html("".join(html))), Capabilities(text=limit)):
        assert len(whatsapp_text(piece.content)) <= limit.max_length
