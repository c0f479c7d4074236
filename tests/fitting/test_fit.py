"""The laws of `fit`: nothing too long, nothing lost but blanks at the cuts, always an end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.content import document_from_text
from chaskiq_core.fitting.fit import Message, fit
from chaskiq_core.fitting.split import measure, split_text
from chaskiq_core.plugin import Capabilities, Counted, Level, TextCapability

texts = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r") | st.sampled_from(" \n.!?😀"), max_size=400
)


@given(text=texts, length=st.integers(4, 60), counted=st.sampled_from(Counted))
def test_no_cut_is_too_long_or_blank_and_together_they_are_the_text(text: str, length: int, counted: Counted) -> None:
    cuts = split_text(text, TextCapability(max_length=length, counted_in=counted))

    assert all(measure(cut, counted) <= length for cut in cuts)
    assert all(cut.strip() for cut in cuts)
    assert "".join("".join(cuts).split()) == "".join(text.split())


@given(text=texts)
def test_a_text_that_fits_goes_as_it_is(text: str) -> None:
    document = document_from_text(text)

    pieces = fit(Message(content=document), Capabilities(text=TextCapability(max_length=1000)))

    assert [piece.content for piece in pieces] == ([document] if text.strip() else [])


@pytest.mark.parametrize("level", [Level.DROPPED, Level.REJECTED])
def test_a_channel_without_text_carries_nothing(level: Level) -> None:
    assert (
        fit(Message(content=document_from_text("Hello")), Capabilities(text=TextCapability(level=level, max_length=10)))
        == []
    )


def test_nothing_makes_no_piece() -> None:
    assert fit(Message(), Capabilities(text=TextCapability(max_length=10))) == []


def test_a_cut_prefers_the_end_of_a_sentence() -> None:
    limit = TextCapability(max_length=30)

    assert split_text("One sentence here. Another sentence follows", limit) == [
        "One sentence here.",
        "Another sentence follows",
    ]


def test_emoji_count_twice_where_the_provider_counts_utf16() -> None:
    assert split_text("😀😀😀", TextCapability(max_length=4, counted_in=Counted.UTF16_UNITS)) == ["😀😀", "😀"]
