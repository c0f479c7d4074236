"""Whether a webhook comes from Slack: its signature, its age; and the handshakes."""

import pytest

from chaskiq_core.plugin import Accepted, Answer, Refused, WebhookRequest
from chaskiq_plugins.slack.tests.slack_bodies import NOW, SECRET, SETTINGS, event, form, message, request, signed
from chaskiq_slack import channel
from chaskiq_slack.verify import BytesVerifier

BODY = request(event(message()))


def test_what_slack_signed_is_accepted() -> None:
    assert channel.verify(signed(BODY), SETTINGS) == Accepted()


@pytest.mark.parametrize("off", [-301, 301, 10_000_000])
def test_an_old_or_a_future_signature_is_refused(off: int) -> None:
    verdict = channel.verify(signed(BODY, seen=NOW + off), SETTINGS)

    assert isinstance(verdict, Refused)
    assert verdict.status == 401


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_are_tolerated(off: int) -> None:
    assert channel.verify(signed(BODY, seen=NOW + off), SETTINGS) == Accepted()


def test_one_changed_byte_is_refused() -> None:
    original = signed(BODY)

    verdict = channel.verify(
        WebhookRequest(headers=original.headers, body=original.body + b" ", received_at=NOW), SETTINGS
    )

    assert verdict == Refused(status=403, reason="the header x-slack-signature is wrong")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": str(NOW)},
        {"x-slack-request-timestamp": "yesterday", "x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": "1" * 5000, "x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": "٣", "x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": "-5", "x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": "1e9", "x-slack-signature": "v0=00"},
        {"x-slack-request-timestamp": str(NOW), "x-slack-signature": "v0=é"},
    ],
)
def test_what_is_no_signature_is_refused_and_raises_nothing(headers: dict[str, str]) -> None:
    verdict = channel.verify(WebhookRequest(headers=headers, body=BODY.body, received_at=NOW), SETTINGS)

    assert isinstance(verdict, Refused)
    assert verdict.status == 401


def test_the_legacy_token_proves_nothing() -> None:
    assert isinstance(channel.verify(BODY, SETTINGS), Refused)


def test_a_body_that_is_no_text_is_verified_and_left_to_route() -> None:
    body = b"\xff{"
    signature = BytesVerifier(SECRET).generate_signature(timestamp=str(NOW), body=body)
    headers = {"x-slack-request-timestamp": str(NOW), "x-slack-signature": signature}

    assert channel.verify(WebhookRequest(headers=headers, body=body, received_at=NOW), SETTINGS) == Accepted()
    forged = WebhookRequest(headers=headers, body=body + b"x", received_at=NOW)
    assert isinstance(channel.verify(forged, SETTINGS), Refused)


def test_the_challenge_is_given_back_if_it_is_signed() -> None:
    challenge = request({"token": "t", "challenge": "3eZbr", "type": "url_verification"})

    assert channel.verify(signed(challenge), SETTINGS) == Answer(body="3eZbr")
    assert isinstance(channel.verify(challenge, SETTINGS), Refused)


def test_the_ping_of_the_certificate_is_answered() -> None:
    assert channel.verify(signed(form({"ssl_check": "1", "token": "t"})), SETTINGS) == Answer(body="")


def test_what_can_not_be_read_is_left_to_route() -> None:
    assert channel.verify(signed(WebhookRequest(body=b"[1]")), SETTINGS) == Accepted()
