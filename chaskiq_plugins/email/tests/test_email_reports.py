"""Reports on mails of ours: bounced, late, delivered, read; each finds its mail."""

import pytest

from chaskiq_core.plugin import Ignored, SendStatus, StatusChanged
from chaskiq_email.names import message_id_for
from chaskiq_plugins.email.tests.email_mails import US, a_mail, events, message, raw, status

KEY = "Zy1xWv2uTs3rQp4oNm5lKj6i-0"
OURS = message_id_for(KEY, US)


def a_report(action: str, code: str, diagnostic: str = "", *, more: str = "") -> bytes:
    return raw(
        "From: MAILER-DAEMON@mx.example\nTo: help@shop.example\nMessage-ID: <d1@mx.example>\nReturn-Path: <>\n"
        "Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=d",
        "--d\nContent-Type: text/plain\n\nSorry.\n--d\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; ruth@home.example\nAction: {action}\nStatus: {code}\n"
        f"Diagnostic-Code: smtp; {diagnostic}\n\n{more}--d\n"
        f"Content-Type: text/rfc822-headers\n\nFrom: {US}\nMessage-ID: <{OURS}>\n\n--d--\n",
    )


@pytest.mark.parametrize(
    ("action", "code", "expected", "error_class"),
    [
        ("failed", "5.1.1", SendStatus.FAILED, "recipient"),
        ("failed", "5.2.2", SendStatus.FAILED, "recipient"),
        ("failed", "5.2.3", SendStatus.FAILED, "content"),
        ("failed", "5.7.1", SendStatus.FAILED, "account"),
        ("delayed", "4.4.1", SendStatus.DELAYED, None),
        ("delivered", "2.0.0", SendStatus.DELIVERED, None),
        ("relayed", "2.0.0", SendStatus.SENT, None),
    ],
)
def test_a_delivery_report_names_our_mail(
    action: str, code: str, expected: SendStatus, error_class: str | None
) -> None:
    told = status(a_report(action, code, "550 no"))
    assert (told.status, told.error_code, told.error_class) == (expected, code, error_class)
    assert told.message_key == told.message_id == OURS
    assert told.attempt_id == KEY


def test_each_recipient_is_reported_and_a_report_that_cannot_be_read_is_a_failure() -> None:
    second = "Final-Recipient: rfc822; omar@home.example\nAction: delivered\nStatus: 2.0.0\n\n"
    told = [one for one in events(a_report("failed", "5.1.1", more=second)) if isinstance(one, StatusChanged)]
    assert [one.status for one in told] == [SendStatus.FAILED, SendStatus.DELIVERED]
    assert status(a_report("exploded", "x")).status is SendStatus.FAILED


def test_a_report_that_quotes_no_mail_is_an_automatic_message() -> None:
    headless = a_report("failed", "5.1.1").replace(b"Message-ID: <" + OURS.encode(), b"X: <")
    assert message(headless).auto


def test_a_bounce_in_words_is_understood() -> None:
    told = status(
        raw(
            "From: Mail Delivery <MAILER-DAEMON@qmail.example>\nSubject: failure notice\nMessage-ID: <q@qmail.example>",
            f"Hi. I can't deliver this.\n<r@x>:\n550 5.1.1 no such user\n\n--- copy\nMessage-ID: <{OURS}>\n",
        )
    )
    assert (told.status, told.error_code, told.error_class) == (SendStatus.FAILED, "5.1.1", "recipient")


def test_a_read_receipt_is_read_and_a_refused_one_is_a_message() -> None:
    def receipt(disposition: str) -> bytes:
        return raw(
            "From: ruth@home.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary=r",
            "--r\n\nYour mail was displayed.\n--r\nContent-Type: message/disposition-notification\n\n"
            f"Original-Message-ID: <{OURS}>\nDisposition: manual-action/MDN-sent-manually; {disposition}\n\n--r--\n",
        )

    assert status(receipt("displayed")).status is SendStatus.READ
    assert not isinstance(events(receipt("deleted"))[0], StatusChanged | Ignored)


def test_an_id_that_is_not_ours_names_no_attempt() -> None:
    foreign = a_report("failed", "5.1.1").replace(OURS.encode(), b"acme.1@elsewhere.example")
    assert status(foreign).attempt_id is None
    assert not isinstance(events(a_mail(subject="failure notice"))[0], StatusChanged)


def test_a_report_may_name_our_mail_in_a_field_of_its_own() -> None:
    headless = a_report("failed", "5.1.1").replace(b"Message-ID: <" + OURS.encode(), b"X: <")
    named = headless.replace(b"Reporting-MTA: dns; mx.example", f"Original-Message-ID: <{OURS}>".encode())
    assert status(named).message_id == OURS
