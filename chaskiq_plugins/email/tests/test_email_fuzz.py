"""Whatever bytes come, route and parse answer, agree, and stay within their time."""

import time
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaskiq_core.plugin import MessageReceived, UnreadableError, WebhookRequest
from chaskiq_email import channel
from chaskiq_email.reading.mime import MAX_DEPTH, MAX_PARTS, read_mail
from chaskiq_plugins.email.tests.email_mails import PNG, SETTINGS, a_mail, message

HEAD = b"From: r@x.example\nMessage-ID: <a@b>\nSubject: s\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
SECONDS = 1.5
"""A mail of 2 MB that takes longer grows with the square of its size."""
N = 2_000_000


def nested(levels: int) -> bytes:
    body = HEAD + b"Content-Type: multipart/mixed; boundary=b0\n\n"
    for n in range(levels):
        body += b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1)
    return body + b"--b%d\n\ninner\n" % levels


HOSTILE = {
    "a thousand levels": nested(1_000),
    "a boundary in itself": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + MIXED * 20_000,
    "a million parts": MIXED + b"--b\n\nx\n" * (N // 7),
    "lines like a boundary": MIXED + b"\n--bx" * (N // 5),
    "headers in each part": MIXED + (b"--b\n" + b"a:\n" * 3_000) * 200,
    "a million headers": HEAD + b"X: a\n" * (N // 5) + b"\nbody",
    "a folded header": HEAD + b" a\n" * (N // 3) + b"\nbody",
    "one long header": HEAD + b"X: " + b"a" * N,
    "no text but NUL": HEAD + b"\n" + b"\0" * N,
    "base64 that is none": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!#$%^&*(" * (N // 8),
    "a charset that is a codec": HEAD + b"Content-Type: text/plain; charset=zip\n\n" + b"a" * N,
    "a charset with a cost": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * N,
    "an unknown charset": HEAD + b"Content-Type: text/plain; charset=x-user-defined\n\n\xff\xfe",
    "styles without an end": HEAD + b"Content-Type: text/html\n\n" + b"<style>" * (N // 7),
    "comments without an end": HEAD + b"Content-Type: text/html\n\n" + b"<!--" * (N // 4),
    "tags without an end": HEAD + b"Content-Type: text/html\n\n" + b"<" * N,
    "quotes in quotes": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>" * 9_000 + b"x",
    "attributions": HEAD + b"\n" + b"On Mon, x wrote:\n" * (N // 17),
    "flowed lines": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * (N // 3),
    "references": HEAD + b"References: " + b"<a@b> " * (N // 6) + b"\n\nx",
    "comments in an address": b"From: " + b"(" * N + b"\n\nx",
    "quotes in an address": b"From: " + b'"' * N + b" <r@x.example>\n\nx",
    "encoded words": HEAD + b"To: " + b"=?utf-8?q?a?= " * (N // 14) + b"\n\nx",
    "parameters": HEAD + b'Content-Type: text/plain; a="' + b'";' * (N // 2) + b"\n\nx",
    "numbered parameters": HEAD + b"Content-Disposition: attachment; filename*99999999999999999999*=nope''x\n\nx",
    "carriage returns alone": b"From: r@x.example\rSubject: s\r\rbody",
    "surrogates": b"From: r@x.example\nSubject: \xed\xa0\x80\n\n\xed\xa0\x80\xff",
    "report groups": HEAD
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    + b"Content-Type: message/delivery-status\n\n"
    + b"Action: failed\n\n" * (N // 16),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_mail_is_read_in_its_time(kind: str) -> None:
    request = WebhookRequest(body=HOSTILE[kind])
    began = time.process_time()
    [item] = channel.route(request, SETTINGS)
    events = channel.parse(request, item, SETTINGS)
    assert time.process_time() - began < SECONDS
    assert item.dedupe_key
    for event in events:
        assert event.event_id
        repr(event).encode()  # no lone surrogate is left
        if isinstance(event, MessageReceived):
            assert event.message_key == item.dedupe_key
            assert "\x00" not in event.text


def test_parts_and_levels_are_bounded() -> None:
    def depth(path: str) -> int:
        return path.count(".") + 1

    for body in (nested(500), MIXED + b"--b\n\nx\n" * 1_000):
        parts = read_mail(body).walk()
        assert len(parts) <= MAX_PARTS + 1
        assert max(depth(part.path) for part in parts) <= MAX_DEPTH


GOOD = a_mail("a\u00e4\n> q", html="<p>x</p>", references="<a@b> <c@d>", cc="Z <z@y.example>")
GOOD.add_attachment(PNG, maintype="image", subtype="png", filename="\u00fc.png")
BYTES = GOOD.as_bytes()


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(body: bytes) -> None:
    request = WebhookRequest(body=body)
    try:
        [item] = channel.route(request, SETTINGS)
    except UnreadableError:
        return
    assert item.dedupe_key
    for event in channel.parse(request, item, SETTINGS):
        assert event.event_id


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 60), st.binary(max_size=20)), min_size=1, max_size=8
    )
)
def test_a_mail_with_spoilt_places_is_answered(spoils: list[tuple[int, int, bytes]]) -> None:
    body = BYTES
    for at, length, put in spoils:
        body = body[:at] + put + body[at + length :]
    request = WebhookRequest(body=body)
    [item] = channel.route(request, SETTINGS)
    events = channel.parse(request, item, SETTINGS)
    assert all(event.event_id for event in events)
    assert channel.parse(request, item, SETTINGS) == events


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60)


@given(WORDS, st.lists(st.tuples(WORDS, st.binary(max_size=200)), max_size=4), st.booleans())
def test_it_reads_what_the_standard_library_writes(text: str, files: list[tuple[str, bytes]], with_html: bool) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "r@x.example"
    mail.set_content(text)
    if with_html:
        mail.add_alternative("<p>rich</p>", subtype="html")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    body = mail.as_bytes()
    theirs = [part for part in BytesParser(policy=policy.default).parsebytes(body).walk() if not part.is_multipart()]
    ours = [part for part in read_mail(body).walk() if not part.children]
    assert [part.media_type for part in ours] == [part.get_content_type() for part in theirs]
    assert [part.content() for part in ours] == [part.get_payload(decode=True) for part in theirs]
    assert len(message(body).attachments) == len(files)
