"""A mail becomes a message: who, to whom, in which thread, with what words and files."""

import pytest

from chaskiq_core.plugin import Ignored, text_of
from chaskiq_email.tokens import reply_address
from chaskiq_plugins.email.tests.email_mails import PNG, SECRET, SETTINGS, US, a_mail, events, message, raw

CONVERSATION = "AbCdEfGhIjKlMnOpQrStUvWx"


def test_a_mail_tells_who_wrote_what_and_when() -> None:
    told = message(a_mail("It cracks.\n\nRuth", cc="Omar <omar@home.example>"))
    assert told.sender is not None
    assert (told.sender.id, told.sender.name, told.sender.email) == (
        "ruth@home.example",
        "Ruth Okoye",
        "ruth@home.example",
    )
    assert told.text == "It cracks.\n\nRuth"
    assert told.subject == "The kiln"
    assert told.copied_to == ("omar@home.example",)
    assert told.at is not None
    assert told.at.isoformat() == "2026-07-14T07:00:12+00:00"
    assert told.message_id == told.event_id == told.alias == "m1@home.example"
    assert told.chat is not None
    assert (told.chat.channel_id, told.chat.thread_id) == ("ruth@home.example", "m1@home.example")


def test_the_same_mail_on_another_way_has_the_same_key_and_another_text_under_the_same_id_has_not() -> None:
    first = a_mail("one")
    again = b"Received: from elsewhere\nDelivered-To: x@y\n" + first.as_bytes()
    assert message(first).message_key == message(again).message_key
    assert message(first).message_key != message(a_mail("two")).message_key


@pytest.mark.parametrize("header", ["", "Message-ID: <>\n", "Message-ID: \n", "Message-ID: < >\n", "Message-ID: <\n"])
def test_a_mail_without_an_id_is_known_by_its_content(header: str) -> None:
    one, other = (message(raw(f"{header}From: r@home.example", text)) for text in ("one", "other"))
    assert one.message_key != other.message_key
    assert one.alias is None
    assert one.message_id
    assert one.chat is not None
    assert one.chat.thread_id


def test_references_come_the_answered_first_then_from_the_newest_on() -> None:
    told = message(a_mail(in_reply_to="<c@x>", references="<a@x> <b@x> <c@x>"))
    assert told.references == ("c@x", "b@x", "a@x")
    assert told.reply_to == told.reply_to_key == "c@x"
    assert told.chat is not None
    assert told.chat.thread_id == "a@x"


def test_a_token_of_ours_names_its_conversation_and_no_other_does() -> None:
    address = reply_address(US, CONVERSATION, secret=SECRET)
    assert address is not None
    assert message(a_mail(to=f"Shop <{address}>")).thread_token == CONVERSATION
    assert message(a_mail(to="x@y", delivered_to=address)).thread_token == CONVERSATION
    forged = reply_address(US, CONVERSATION, secret="another secret, as long as the first one")
    assert forged is not None
    assert message(a_mail(to=forged)).thread_token is None
    assert message(a_mail(to=f"help+conv-{CONVERSATION}@shop.example")).thread_token is None


def test_an_agents_token_counts_from_the_agents_own_address_alone() -> None:
    address = reply_address(US, CONVERSATION, secret=SECRET, agent="ann@shop.example")
    assert address is not None
    by_ann = message(a_mail(to=address, sender="Ann <Ann@shop.example>"))
    assert (by_ann.thread_token, by_ann.agent) == (CONVERSATION, "ann@shop.example")
    by_another = message(a_mail(to=address))
    assert (by_another.thread_token, by_another.agent) == (None, None)


def test_a_form_that_nobody_reads_is_from_whom_an_answer_goes_to() -> None:
    told = message(a_mail(sender="Form <no-reply@web.example>", reply_to="Ruth <ruth@home.example>"))
    assert told.sender is not None
    assert told.sender.id == "ruth@home.example"
    kept = message(a_mail(sender="Boss <boss@web.example>", reply_to="Ruth <ruth@home.example>"))
    assert kept.sender is not None
    assert kept.chat is not None
    assert (kept.sender.id, kept.chat.channel_id) == ("boss@web.example", "ruth@home.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Autoreply", "yes"),
        ("List-Id", "<kilns.example>"),
        ("Return-Path", "<>"),
        ("From", "Mail System <MAILER-DAEMON@x.example>"),
    ],
)
def test_a_machines_mail_is_automatic(name: str, value: str) -> None:
    mail = a_mail()
    del mail[name]
    mail[name] = value
    assert message(mail).auto


def test_a_persons_mail_is_not_automatic() -> None:
    assert not message(a_mail(auto_submitted="no")).auto


def test_our_own_mail_that_comes_back_is_ignored() -> None:
    for mail in (a_mail(sender=f"Us <{US}>"), a_mail(x_chaskiq_loop=US)):
        [event] = events(mail)
        assert isinstance(event, Ignored)
    assert not isinstance(events(a_mail(x_chaskiq_loop="help@elsewhere.example"))[0], Ignored)


def test_a_mail_without_a_sender_is_ignored() -> None:
    [event] = events(raw("Subject: x"))
    assert isinstance(event, Ignored)


def test_html_alone_is_a_document_without_its_traps() -> None:
    html = (
        "<style>p{color:red}</style><script>alert(1)</script><p>Hello <b>you</b>, <a href='https://a.example/x'>see</a>"
        "</p><img src='https://track.example/p.gif' width=1 height=1><img src='https://pic.example/a.png' alt='kiln'>"
    )
    told = message(a_mail(None, html=html))
    assert told.text == "Hello you, see (https://a.example/x)\n\nkiln (https://pic.example/a.png)"
    assert told.content is not None
    assert "Image" not in repr(told.content)
    assert "track.example" not in repr(told.content)


def test_of_two_alternatives_the_plain_text_is_read_unless_it_is_blank() -> None:
    assert message(a_mail("plain", html="<p>rich</p>")).text == "plain"
    blank = message(a_mail(" \n", html="<p>rich</p>"))
    assert blank.text == "rich"
    assert blank.content is not None
    assert text_of(blank.content) == "rich"


def test_files_are_listed_and_found_again_in_the_bytes() -> None:
    mail = a_mail("look")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="lid.png")
    mail.add_attachment("a;b\n", subtype="csv", filename="../../etc/Übersicht.csv")
    mail.add_attachment(a_mail("inner"))
    told = message(mail)
    assert told.text.strip() == "look"
    assert [(one.type, one.filename, one.mime) for one in told.attachments] == [
        ("image", "lid.png", "image/png"),
        ("file", "Übersicht.csv", "text/csv"),
        ("file", "message.eml", "message/rfc822"),
    ]
    assert told.attachments[0].size == len(PNG)


def test_a_mail_of_a_file_alone_has_no_text_and_an_empty_one_its_subject() -> None:
    png = raw("From: r@x.example\nContent-Type: image/png\nContent-Transfer-Encoding: base64", "iVBORw0K")
    assert message(png).text == ""
    assert message(raw("From: r@x.example\nSubject: call me", "\n")).text == "call me"
    assert message(raw("From: r@x.example", "\n")).text.startswith("(this mail has no text")


def test_a_subject_can_smuggle_no_line() -> None:
    told = message(raw("From: r@x.example\nSubject: =?utf-8?q?hi=0D=0ABcc=3A_x=40y?="))
    assert told.subject == "hi Bcc: x@y"


def test_the_settings_need_an_address_without_a_plus() -> None:
    with pytest.raises(ValueError, match="without a plus"):
        SETTINGS.model_validate({**SETTINGS.model_dump(), "from_address": "help+x@shop.example"})


def test_a_multipart_that_does_not_tell_its_boundary_is_read_all_the_same() -> None:
    body = "--abc\nContent-Type: text/plain\n\nhello\n--abc\nContent-Type: image/png\n\nx\n--abc--\n"
    told = message(raw("From: r@x.example\nContent-Type: multipart/mixed", body))
    assert told.text == "hello"
    assert [one.mime for one in told.attachments] == ["image/png"]


def test_a_text_with_a_name_is_a_file_behind_another_text_and_the_text_where_it_is_the_only_one() -> None:
    named = 'Content-Type: text/plain; name="log.txt"\nContent-Disposition: inline; filename="log.txt"\n\nlines\n'
    both = f"--b\n\nhello\n--b\n{named}--b--\n"
    told = message(raw("From: r@x.example\nContent-Type: multipart/mixed; boundary=b", both))
    assert told.text == "hello"
    assert [one.filename for one in told.attachments] == ["log.txt"]
    alone = message(raw("From: r@x.example\nContent-Type: multipart/mixed; boundary=b", f"--b\n{named}--b--\n"))
    assert (alone.text, alone.attachments) == ("lines", ())


def test_an_encrypted_mail_is_shown_as_one_with_its_files() -> None:
    body = (
        "--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
        "--e\nContent-Type: application/octet-stream\n\nBEGIN\n--e--\n"
    )
    told = message(raw("From: r@x.example\nContent-Type: multipart/encrypted; boundary=e", body))
    assert told.text == "(this mail is encrypted)"
    assert told.unsupported
    assert len(told.attachments) == 2
