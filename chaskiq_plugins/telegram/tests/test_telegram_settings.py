"""The settings and the manifest: what an operator may give, and what the start compares with the hooks."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from chaskiq_core.plugin import ChannelHooks
from chaskiq_plugins.telegram.tests.telegram_updates import SECRET, TOKEN
from chaskiq_telegram import TelegramSettings, channel


def test_the_account_is_the_bots_id() -> None:
    assert TelegramSettings(access_token=TOKEN).account() == "6100200300"


def test_what_is_left_out_has_good_values() -> None:
    settings = TelegramSettings(access_token=f"  {TOKEN} ", api_base="http://127.0.0.1:8081/", user_id="")

    assert settings.access_token == TOKEN
    assert settings.api_base == "http://127.0.0.1:8081"
    assert settings.user_id is None
    assert TelegramSettings(access_token=TOKEN).api_base == "https://api.telegram.org"


@pytest.mark.parametrize(
    ("given", "name", "sentence"),
    [
        ({}, "access_token", "Field required"),
        ({"access_token": "secret"}, "access_token", "as @BotFather gives it"),
        ({"access_token": "12:"}, "access_token", "as @BotFather gives it"),
        ({"access_token": "12:a b"}, "access_token", "as @BotFather gives it"),
        ({"access_token": TOKEN, "user_id": "@petra"}, "user_id", "the number by which"),
        ({"access_token": TOKEN, "user_id": True}, "user_id", "the number by which"),
        ({"access_token": TOKEN, "api_base": "ftp://x"}, "api_base", "http or https"),
        ({"access_token": TOKEN, "api_base": "http://x/{token}"}, "api_base", "http or https"),
        ({"access_token": TOKEN, "api_base": "http://me@x"}, "api_base", "http or https"),
        ({"access_token": TOKEN, "secret_token": "ä"}, "secret_token", "1 to 256"),
        ({"access_token": TOKEN, "secret_token": "a" * 257}, "secret_token", "1 to 256"),
        ({"access_token": TOKEN, "colour": "red"}, "colour", "Extra inputs"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(given: Mapping[str, object], name: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TelegramSettings.model_validate(given)

    [error] = refused.value.errors()
    assert error["loc"] == (name,)
    assert sentence in error["msg"]
    assert "input_value" not in str(refused.value)


def test_a_number_is_an_id_too() -> None:
    assert TelegramSettings.model_validate({"access_token": TOKEN, "user_id": 71900}).user_id == "71900"


def test_a_secret_token_is_made_up_once() -> None:
    without = TelegramSettings(access_token=TOKEN, secret_token="")
    one, other = without.with_generated(), without.with_generated()

    assert without.secret_token is None
    assert one.secret_token
    assert one.secret_token != other.secret_token
    assert TelegramSettings.model_validate(one.model_dump()) == one
    assert one.with_generated() == one
    assert TelegramSettings(access_token=TOKEN, secret_token=SECRET).with_generated().secret_token == SECRET


def test_both_secrets_are_kept_sealed() -> None:
    assert TelegramSettings.secret_names() == {"access_token", "secret_token"}


def test_declared_is_implemented() -> None:
    hooks = {name for name in dir(ChannelHooks) if not name.startswith("_")}
    implemented = {name for name in hooks if hasattr(channel, name)}

    assert implemented == {"verify", "route", "parse", "send"} | channel.manifest.offers
    assert channel.manifest.provider == "telegram"
    assert channel.manifest.settings is TelegramSettings


def test_every_line_of_the_error_table_can_be_reached() -> None:
    seen: list[tuple[str, str]] = []
    for rule in channel.manifest.errors:
        assert not any(code == rule.code and contains in rule.contains for code, contains in seen), rule
        assert rule.contains == rule.contains.lower()
        seen.append((rule.code, rule.contains))
