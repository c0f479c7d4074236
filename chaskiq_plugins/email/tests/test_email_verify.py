"""Only who knows the secret may post mails."""

import base64

import pytest

from chaskiq_core.plugin import Accepted, Refused, UnreadableError, WebhookRequest
from chaskiq_email import channel
from chaskiq_plugins.email.tests.email_mails import SECRET, SETTINGS, a_mail

BODY = a_mail().as_bytes()
BASIC = base64.b64encode(f"post:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-chaskiq-secret": SECRET}, ""),
        ({"authorization": f"Bearer {SECRET}"}, ""),
        ({"authorization": f"Basic {BASIC}"}, ""),
        ({}, f"secret={SECRET}"),
    ],
)
def test_the_secret_may_come_in_a_header_or_in_the_query(headers: dict[str, str], query: str) -> None:
    assert channel.verify(WebhookRequest(headers=headers, query=query, body=BODY), SETTINGS) == Accepted()


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 401),
        ({}, "other=1", 401),
        ({"authorization": "Digest x"}, "", 401),
        ({"x-chaskiq-secret": ""}, "", 403),
        ({"x-chaskiq-secret": "wr\xf6ng"}, "", 403),
        ({"authorization": "Basic ???"}, "", 403),
        ({}, f"secret={SECRET}x", 403),
        ({}, "secret=%ff%00", 403),
    ],
)
def test_without_it_a_mail_is_refused(headers: dict[str, str], query: str, status: int) -> None:
    verdict = channel.verify(WebhookRequest(headers=headers, query=query, body=BODY), SETTINGS)
    assert isinstance(verdict, Refused)
    assert verdict.status == status


def test_nothing_is_no_mail() -> None:
    with pytest.raises(UnreadableError):
        channel.route(WebhookRequest(body=b" \r\n"), SETTINGS)


def test_a_thread_shares_a_lane() -> None:
    lanes = [
        channel.route(WebhookRequest(body=mail.as_bytes()), SETTINGS)[0].lane
        for mail in (
            a_mail(message_id="<root@x>"),
            a_mail(message_id="<b@x>", in_reply_to="<root@x>"),
            a_mail(message_id="<c@x>", in_reply_to="<b@x>", references="<root@x> <b@x>"),
        )
    ]
    assert lanes == ["root@x"] * 3
