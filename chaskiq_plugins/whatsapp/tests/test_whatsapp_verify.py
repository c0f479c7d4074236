"""Who may call the hook: Meta, by the signature over its bytes, and Meta's registration, by our own word."""

import pytest

from chaskiq_core.plugin import Accepted, Answer, Refused, WebhookRequest
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import messages, request, signed
from chaskiq_whatsapp import WhatsAppSettings, channel

SETTINGS = WhatsAppSettings(phone_number_id="1", access_token="t", app_secret="s3cret", verify_token="my-words")


def test_what_is_signed_with_the_app_secret_is_accepted() -> None:
    assert channel.verify(request(messages(), secret="s3cret"), SETTINGS) == Accepted()


def test_the_bytes_count_not_what_they_mean() -> None:
    raw = b'{"a":"\\u00fc \\/"}'
    headers = signed(raw, "s3cret")

    assert channel.verify(WebhookRequest(headers=headers, body=raw), SETTINGS) == Accepted()
    assert isinstance(channel.verify(WebhookRequest(headers=headers, body='{"a":"ü /"}'.encode()), SETTINGS), Refused)


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        (None, 401),
        ("", 401),
        ("sha1=0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33", 401),
        ("sha256=", 401),
        ("sha256=" + "zz" * 32, 401),
        ("sha256=" + "ü" * 64, 401),
        ("sha256=" + "\x00" * 64, 401),
        ("sha256=" + "0" * 64, 403),
    ],
)
def test_any_other_header_is_refused(header: str | None, answer: int) -> None:
    headers = {} if header is None else {"x-hub-signature-256": header}

    verdict = channel.verify(WebhookRequest(headers=headers, body=b"{}"), SETTINGS)

    assert isinstance(verdict, Refused)
    assert verdict.status == answer


def test_another_form_of_the_right_signature_is_refused() -> None:
    [signature] = signed(b"{}", "s3cret").values()
    for header in (signature.upper(), signature.removeprefix("sha256="), f" {signature}", f"{signature}\n"):
        request = WebhookRequest(headers={"x-hub-signature-256": header}, body=b"{}")
        assert isinstance(channel.verify(request, SETTINGS), Refused), header


def test_the_challenge_of_the_registration_is_answered() -> None:
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=my-words"

    answer = channel.verify(WebhookRequest(method="GET", query=query), SETTINGS)

    assert answer == Answer(body="1158201444", media_type="text/plain")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 401),
        ("hub.mode=subscribe&hub.challenge=1", 401),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=other", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=%ff%fe", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=%c3%bc", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=my-words&hub.verify_token=other", 403),
        ("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=my-words", 403),
        ("hub.mode=subscribe&hub.verify_token=my-words", 403),
        ("hub_mode=subscribe&hub_challenge=1&hub_verify_token=my-words", 401),
        ("&".join(["a=1"] * 200), 403),
    ],
)
def test_any_other_get_is_refused(query: str, status: int) -> None:
    verdict = channel.verify(WebhookRequest(method="GET", query=query), SETTINGS)

    assert isinstance(verdict, Refused)
    assert verdict.status == status
