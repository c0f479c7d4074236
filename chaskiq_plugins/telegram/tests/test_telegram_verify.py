"""Only who knows the secret token speaks as Telegram."""

import pytest

from chaskiq_core.plugin import Accepted, Refused, WebhookRequest
from chaskiq_plugins.telegram.tests.telegram_updates import SECRET, SETTINGS, TOKEN, request
from chaskiq_telegram import TelegramSettings, channel


def test_the_secret_is_accepted() -> None:
    assert channel.verify(request({}), SETTINGS) == Accepted()


def test_without_the_header_it_is_401() -> None:
    verdict = channel.verify(request({}, secret=None), SETTINGS)

    assert isinstance(verdict, Refused)
    assert verdict.status == 401


@pytest.mark.parametrize(
    "shown",
    ["", SECRET[:-1], SECRET + "x", SECRET + "\x00", SECRET.upper(), f"{SECRET}, {SECRET}", " " + SECRET, "ä", "✓"],
)
def test_a_wrong_secret_is_403(shown: str) -> None:
    verdict = channel.verify(request({}, secret=shown), SETTINGS)

    assert isinstance(verdict, Refused)
    assert verdict.status == 403
    assert SECRET not in verdict.reason


def test_the_body_does_not_matter_yet() -> None:
    assert channel.verify(request(b"\xff\xfe not JSON"), SETTINGS) == Accepted()


def test_without_a_secret_of_ours_nothing_can_be_checked() -> None:
    assert channel.verify(WebhookRequest(), TelegramSettings(access_token=TOKEN)) == Accepted()
