"""HTML parse mode: what is understood, what is refused, and where entities stand."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_telegram.sandbox.detected import with_detected
from chaskiq_telegram.sandbox.entities import parse_html
from chaskiq_telegram.sandbox.errors import BotApiError
from chaskiq_telegram.sandbox.formatted import Entity, FormattedText, clean, utf16_length, utf16_slice

UNDERSTOOD = [
    ("plain", "plain", []),
    ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 1), ("bold", 1, 1)]),
    ("<i>a</i><em>b</em>", "ab", [("italic", 0, 1), ("italic", 1, 1)]),
    ("<u>a</u><ins>b</ins>", "ab", [("underline", 0, 1), ("underline", 1, 1)]),
    ("<s>a</s><strike>b</strike><del>c</del>", "abc", [("strikethrough", at, 1) for at in range(3)]),
    ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', "ab", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
    ("<b>bold <i>both</i></b>", "bold both", [("bold", 0, 9), ("italic", 5, 4)]),
    ("<B>a</b>", "a", [("bold", 0, 1)]),
    ("<b>a</>", "a", [("bold", 0, 1)]),
    ("<b class='x' y>a</b >", "a", [("bold", 0, 1)]),
    ("🎉 <b>x</b>", "🎉 x", [("bold", 3, 1)]),
    ("<b>👩‍👩‍👧</b>", "👩‍👩‍👧", [("bold", 0, 8)]),
    ("<b></b>x", "x", []),
    ("<pre>x</pre>", "x", [("pre", 0, 1)]),
    ("<code>x</code>", "x", [("code", 0, 1)]),
    ("<code><b>x</b></code>", "x", [("code", 0, 1)]),
    ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
    ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
    ("&lt;b&gt; &amp; &quot;q&quot; &#65;&#x42;", '<b> & "q" AB', []),
    ("&nbsp; &copy; & &; &#0; &lt", "&nbsp; &copy; & &; &#0; <", []),
    ("&#128512;", "😀", []),
    ("&#0000065;&#00000065;", "A&#00000065;", []),
    (f"&#{'1' * 5000};", f"&#{'1' * 5000};", []),
    ("a > b", "a > b", []),
]

REFUSED = [
    ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("é<br/>", 'Unsupported start tag "br/" at byte offset 2'),
    ("a <h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
    ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ("1 <2", "Unclosed start tag at byte offset 2"),
    ("1 < 2 > 1", 'Unsupported start tag "" at byte offset 2'),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("<b ", 'Unclosed start tag "b" at byte offset 0'),
    ('<a href="x', "Unclosed start tag at byte offset 0"),
    ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("x</b>", "Unexpected end tag at byte offset 1"),
    ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<span class="big">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("<b =x>y</b>", 'Empty attribute name in the tag "b" at byte offset 0'),
    ("<a href=x_y>z</a>", "Unexpected end of name token at byte offset 8"),
    ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
    ("&#xd800;", "Text contains invalid Unicode characters after decoding HTML entities"),
]


@pytest.mark.parametrize(("source", "text", "spans"), UNDERSTOOD)
def test_the_subset_becomes_text_and_entities(source: str, text: str, spans: list[tuple[str, int, int]]) -> None:
    parsed = parse_html(source)

    assert parsed.text == text
    assert [(entity.type, entity.offset, entity.length) for entity in parsed.entities] == spans


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_the_rest_is_refused_in_telegrams_words(source: str, reason: str) -> None:
    with pytest.raises(BotApiError) as refused:
        parse_html(source)

    assert refused.value.body == {
        "ok": False,
        "error_code": 400,
        "description": f"Bad Request: can't parse entities: {reason}",
    }


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ('<a href="https://docs.example.com/returns?x=1&amp;y=2">x</a>', "https://docs.example.com/returns?x=1&y=2"),
        ("<a href='HTTPS://Example.com'>x</a>", "https://example.com/"),
        ("<a href=example.com>x</a>", "http://example.com/"),
        ("<a>example.com/a</a>", "http://example.com/a"),
        ('<a href="no address">x</a>', None),
        ('<a href="javascript:alert(1)">x</a>', None),
        ('<a href="http://[">x</a>', None),
    ],
)
def test_a_link_has_a_whole_url_or_is_dropped(source: str, url: str | None) -> None:
    assert [entity.url for entity in parse_html(source).entities] == ([url] if url else [])


@pytest.mark.parametrize(
    "source",
    [
        '<pre><code class="language-python">x</code></pre>',
        '<code class="language-python"><pre>x</pre></code>',
    ],
)
def test_code_in_pre_gives_its_language(source: str) -> None:
    assert parse_html(source).entities == (Entity(type="pre", offset=0, length=1, language="python"),)


def test_a_language_counts_only_in_pre() -> None:
    assert parse_html('<code class="language-python">x</code>').entities == (Entity(type="code", offset=0, length=1),)


def test_emoji_time_and_person_keep_what_they_point_to() -> None:
    source = (
        '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>'
        '<tg-time unix="1784012450" format="wDT">then</tg-time><a href="tg://user?id=42">Leo</a>'
    )

    assert parse_html(source).entities == (
        Entity(type="custom_emoji", offset=0, length=2, custom_emoji_id="5368324170671202286"),
        Entity(type="date_time", offset=2, length=4, unix_time=1784012450, date_time_format="wDT"),
        Entity(type="text_mention", offset=6, length=3, user_id=42),
    )


@given(st.text())
def test_escaped_text_comes_back_unchanged(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()

    assert parse_html(html.escape(text)) == FormattedText(text)


@given(st.text(alphabet="a😀<>/&b \"'=;", max_size=40))
def test_any_source_is_parsed_or_refused(source: str) -> None:
    try:
        parsed = parse_html(source)
    except BotApiError:
        return

    assert all(entity.end <= utf16_length(parsed.text) for entity in parsed.entities)


@given(st.text(alphabet="a😀 \n\t\r\u202e\x00", max_size=30), st.data())
def test_cleaning_keeps_what_entities_cover(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, len(text)))
    marked = Entity(type="bold", offset=utf16_length(text[:begin]), length=utf16_length(text[begin:end]))

    cleaned = clean(FormattedText(text, (marked,) if marked.length else ()))

    assert cleaned.text == cleaned.text.strip(" \n")
    covered = "".join(utf16_slice(cleaned.text, each.offset, each.length) for each in cleaned.entities)
    assert [each for each in covered if each in "a😀"] == [each for each in text[begin:end] if each in "a😀"]


def test_commands_addresses_and_tags_are_found() -> None:
    text = (
        "/start@acme_bot 🎉 see https://acme.example/faq, ask @acme_helpdesk_bot #refund help@acme.example 1/2 #20418"
    )

    found = with_detected(FormattedText(text)).entities

    assert [(entity.type, utf16_slice(text, entity.offset, entity.length)) for entity in found] == [
        ("bot_command", "/start@acme_bot"),
        ("url", "https://acme.example/faq"),
        ("mention", "@acme_helpdesk_bot"),
        ("hashtag", "#refund"),
        ("email", "help@acme.example"),
    ]


def test_nothing_is_found_in_code() -> None:
    assert [entity.type for entity in with_detected(parse_html("<code>/start @somebody</code>")).entities] == ["code"]
