"""Quoted history and signatures are folded away, and never what somebody wrote."""

import pytest

from chaskiq_core.plugin import document_from_html, text_of
from chaskiq_email.reading.flowed import unflowed
from chaskiq_email.reading.trim import trim_document, trim_text

HISTORY = {
    "gmail": "On Tue, Jul 14, 2026 at 9:05 AM Shop <help@shop.example> wrote:\n\n> Which one?\n>\n> > broken",
    "gmail in two lines": "On Tue, Jul 14, 2026 at 9:05 AM Shop\n<help@shop.example> wrote:\n\n> Which one?",
    "german": "Am 14.07.2026 um 09:05 schrieb Shop:\n> Welche?",
    "french": "Le mar. 14 juil. 2026 à 09:05, Shop <help@shop.example> a écrit :\n> Laquelle ?",
    "bare": "> Which one?",
    "original": "-----Original Message-----\nFrom: Shop\nSent: Tuesday\nSubject: x\n\nWhich one?",
    "outlook": "From: Shop <help@shop.example>\nSent: Tuesday\nTo: Ruth\nSubject: x\n\nWhich one?",
    "outlook in german": "Von: Shop\nGesendet: Dienstag\nAn: Ruth\nBetreff: x\n\nWelche?",
}


@pytest.mark.parametrize("kind", HISTORY)
def test_the_history_is_folded_and_kept(kind: str) -> None:
    trimmed = trim_text(f"The blue one.\n\nRuth\n\n{HISTORY[kind]}")
    assert trimmed.shown == "The blue one.\n\nRuth"
    assert trimmed.folded == HISTORY[kind]


@pytest.mark.parametrize("signature", ["-- \nRuth Okoye\nKilns Ltd", "Sent from my iPhone", "Von meinem iPad gesendet"])
def test_a_signature_is_folded_and_kept(signature: str) -> None:
    assert trim_text(f"Yes.\n\n{signature}").shown == "Yes."
    assert trim_text(f"Yes.\n\n{signature}").folded == signature
    assert trim_text(f"Yes.\n\n{signature}\n\n> old").shown == "Yes."


def test_answers_between_quotes_and_below_them_stay_with_the_quotes() -> None:
    for text in ("> Which?\nThe blue one.\n> When?\nNow.", "On Mon, Shop wrote:\n> Which?\n\nThe blue one."):
        assert trim_text(text).shown == text


@pytest.mark.parametrize(
    "text",
    [
        "> only a quote",
        "On Monday she wrote:\na letter to us",
        "From: here it is a long way",
        "I wrote:\n\nyou did not",
        "---------- Forwarded message ---------\nFrom: Shop <s@x.example>\nDate: Tue\nSubject: x\nTo: Ruth\n\nthe text",
        "-- ",
        "",
    ],
)
def test_what_is_no_history_stays(text: str) -> None:
    assert trim_text(text).shown == text.rstrip()


def test_a_rich_text_is_trimmed_by_its_blocks() -> None:
    document = document_from_html(
        "<div>The <b>blue</b> one.</div><div>On Tue, Jul 14, 2026 Shop &lt;help@shop.example&gt; wrote:<br></div>"
        "<blockquote>Which?</blockquote>"
    )
    trimmed = trim_document(document)
    assert text_of(trimmed.shown) == "The blue one."
    assert "Mark" in repr(trimmed.shown)
    assert "Which?" in trimmed.folded


def test_a_rich_text_without_history_is_itself() -> None:
    document = document_from_html("<p>a</p><blockquote>b</blockquote><p>c</p>")
    assert trim_document(document).shown is document


def test_flowed_paragraphs_are_joined_and_quotes_stay_apart() -> None:
    assert unflowed("a \nb\n> q \n> r\n-- \nsig", delete_space=False) == "a b\n> q r\n-- \nsig"
    assert unflowed("ko \nma", delete_space=True) == "koma"
    assert unflowed(" >no quote\n  indented", delete_space=False) == ">no quote\n indented"
