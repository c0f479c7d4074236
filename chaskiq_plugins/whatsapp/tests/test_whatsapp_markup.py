"""Looks in WhatsApp's signs, and signs that a person typed left alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.plugin import document_from_html, document_from_text
from chaskiq_whatsapp.markup import INVISIBLE, neutral, whatsapp_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p><b>bold</b> and <i>italic</i> and <s>gone</s></p>", "*bold* and _italic_ and ~gone~"),
        ("<p><b><i>both</i></b></p>", "*_both_*"),
        ("<p><b>a<i>b</i></b></p>", "*ab*"),
        ("<p><b>all <i>of</i> it</b></p>", "*all _of_ it*"),
        ("<p><b> spaced </b>out</p>", "*spaced* out"),
        ("<p>un<b>believ</b>able</p>", "unbelievable"),
        ("<p>(<b>in brackets</b>)</p>", "(*in brackets*)"),
        ("<p><code>a*b*</code></p>", "`a*b*`"),
        ("<pre>x = *a*</pre>", "```x = *a*```"),
        ("<h2>Title</h2><p>text</p>", "*Title*\n\ntext"),
        ("<ul><li>one</li><li><b>two</b></li></ul>", "- one\n- *two*"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<blockquote><p>said</p><p>more</p></blockquote>", "> said\n> more"),
        ("<p><a href='https://x.example/'>here</a></p>", "here (https://x.example/)"),
        ("<p><a href='https://x.example/a_b_'>https://x.example/a_b_</a></p>", "https://x.example/a_b_"),
        ("<p>one<br><b>two<br>three</b></p>", "one\n*two*\n*three*"),
    ],
)
def test_looks_are_signs(html: str, text: str) -> None:
    assert whatsapp_text(document_from_html(html)) == text


@pytest.mark.parametrize(
    "text", ["*not bold*", "_not_ italic", "~no~", "`no`", "a (*b*)", "```no```", "*a _b* c_", "> said"]
)
def test_what_a_person_typed_is_no_formatting(text: str) -> None:
    sent = whatsapp_text(document_from_text(text))

    assert sent != text
    assert sent.replace(INVISIBLE, "") == text
    assert not re.search(r"(?<![^\W_])([*_~`])(?=\S)(?!\u200b)[^\n]*[^\s]\1", sent)


@pytest.mark.parametrize(
    "text",
    ["snake_case_name", "2 * 3 * 4", "https://x.example/_a_/*b*", "me_too_@x.example", "5 > 3", "a * b", "50~60", "_"],
)
def test_what_would_be_no_formatting_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@given(st.text(alphabet="ab *_~`>\n.", max_size=30))
def test_nothing_but_invisible_signs_is_added(text: str) -> None:
    assert neutral(text).replace(INVISIBLE, "") == text
    assert not re.search(r"(?<![^\W_])([*_~`])(?=[^\s\u200b])[^\n]*\S\1", neutral(text))
