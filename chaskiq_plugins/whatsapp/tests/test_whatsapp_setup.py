"""Settings, the webhook at Meta, its health, and files that came in."""

from collections.abc import Mapping

import httpx
import pytest
from pydantic import ValidationError

from chaskiq_core.plugin import (
    AccountError,
    Attachment,
    ChannelHooks,
    ContentError,
    ReauthError,
    RetryLaterError,
    SendError,
)
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import NUMBER_ID, WABA_ID, Fields
from chaskiq_plugins.whatsapp.tests.whatsapp_provider import TOKEN, Sink, answered, refused, scripted
from chaskiq_whatsapp import WhatsAppSettings, channel

pytestmark = pytest.mark.anyio

HOOK = "https://desk.example.org/api/v1/hooks/receiver/secret-part"
NUMBER: Fields = {
    "id": NUMBER_ID,
    "display_phone_number": "+1 555 000 1122",
    "verified_name": "Bakery",
    "quality_rating": "GREEN",
    "code_verification_status": "VERIFIED",
    "platform_type": "CLOUD_API",
    "webhook_configuration": {"phone_number": HOOK, "application": "https://other.example/x"},
}
GOOD: Fields = {"phone_number_id": NUMBER_ID, "access_token": "t", "app_secret": "s", "verify_token": "v"}
PICTURE = Attachment(type="image", provider_file_id="77")


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"phone_number_id": "+49 151"}, "phone_number_id"),
        ({"phone_number_id": None}, "phone_number_id"),
        ({"phone_number_id": True}, "phone_number_id"),
        ({"access_token": ""}, "access_token"),
        ({"access_token": "a b"}, "access_token"),
        ({"app_secret": "ü"}, "app_secret"),
        ({"verify_token": ""}, "verify_token"),
        ({"waba_id": "x"}, "waba_id"),
        ({"api_base": "ftp://x"}, "api_base"),
        ({"api_version": "25"}, "api_version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(changed: Mapping[str, object], name: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        WhatsAppSettings.model_validate({**GOOD, **changed})

    assert wrong.value.errors()[0]["loc"] == (name,)
    assert "input_value" not in str(wrong.value)


def test_settings_have_good_values_and_an_account() -> None:
    settings = WhatsAppSettings.model_validate({**GOOD, "phone_number_id": int(NUMBER_ID), "waba_id": ""})

    assert (settings.account(), settings.waba_id) == (NUMBER_ID, None)
    assert settings.graph == "https://graph.facebook.com/v25.0"
    assert WhatsAppSettings.secret_names() == {"access_token", "app_secret", "verify_token"}


def test_declared_is_implemented() -> None:
    hooks = {name for name in dir(ChannelHooks) if not name.startswith("_")}

    implemented = {name for name in hooks if hasattr(channel, name)}
    assert implemented == {"verify", "route", "parse", "send"} | channel.manifest.offers


def test_each_code_stands_once_in_the_error_table() -> None:
    codes = [rule.code for rule in channel.manifest.errors]

    assert len(set(codes)) == len(codes)


async def test_the_number_is_looked_at_its_account_subscribed_and_our_address_set() -> None:
    async with scripted(answered(NUMBER), answered({"success": True})) as (script, context):
        installed = await channel.install(HOOK, context)

    assert (installed.account, installed.name) == (NUMBER_ID, "Bakery +1 555 000 1122")
    assert script.paths == [
        f"GET /v25.0/{NUMBER_ID}",
        f"POST /v25.0/{WABA_ID}/subscribed_apps",
        f"POST /v25.0/{NUMBER_ID}",
    ]
    assert script.body() == {"webhook_configuration": {"override_callback_uri": HOOK, "verify_token": "words"}}


async def test_where_meta_does_not_take_the_address_the_number_works_by_the_app_s_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with scripted(answered(NUMBER), answered({"success": True}), refused(100)) as (_, context):
        installed = await channel.install(HOOK, context)

    assert installed.account == NUMBER_ID
    assert "app dashboard" in caplog.text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(190, status=401), ReauthError),
        (refused(100, error_subcode=33), AccountError),
        (httpx.ReadTimeout("no"), RetryLaterError),
        (answered({"id": "999"}), SendError),
    ],
)
async def test_what_meta_refuses_is_not_added(answer: httpx.Response | httpx.HTTPError, error: type[SendError]) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(error):
            await channel.install(HOOK, context)


async def test_an_account_that_meta_does_not_subscribe_is_not_added() -> None:
    async with scripted(answered(NUMBER), refused(200, status=403)) as (_, context):
        with pytest.raises(ReauthError):
            await channel.install(HOOK, context)


async def test_taking_the_webhook_away_leaves_other_numbers_subscribed() -> None:
    async with scripted(answered({"success": True})) as (script, context):
        await channel.uninstall(context)

    assert script.paths == [f"POST /v25.0/{NUMBER_ID}"]
    assert script.body() == {"webhook_configuration": {"override_callback_uri": ""}}


async def health(*answers: httpx.Response, waba: bool = True) -> dict[str, tuple[bool, str]]:
    async with scripted(*answers, waba=waba) as (_, context):
        lines = await channel.health(context, HOOK)
    assert all(line.ok or line.fix for line in lines)
    assert "secret-part" not in str(lines)
    assert TOKEN not in str(lines)
    return {line.name: (line.ok, line.detail) for line in lines}


SCOPES: Fields = {"data": {"is_valid": True, "scopes": ["whatsapp_business_messaging", "whatsapp_business_management"]}}
APPS: Fields = {"data": [{"whatsapp_business_api_data": {"id": "5"}}]}


async def test_a_healthy_number_has_only_good_lines() -> None:
    lines = await health(answered(NUMBER), answered(SCOPES), answered(APPS))

    assert {name: ok for name, (ok, _) in lines.items()} == {
        "token": True,
        "quality": True,
        "number": True,
        "subscription": True,
        "webhook": True,
        "public URL": True,
    }


async def test_each_trouble_is_a_line_with_its_fix() -> None:
    number = {
        **NUMBER,
        "quality_rating": "RED",
        "platform_type": "ON_PREMISE",
        "webhook_configuration": {"application": "https://other.example/hooks/secret-part"},
    }
    lines = await health(
        answered(number),
        answered({"data": {"scopes": ["whatsapp_business_messaging"]}}),
        answered({"data": []}),
    )

    assert [name for name, (ok, _) in lines.items() if not ok] == [
        "token",
        "quality",
        "number",
        "subscription",
        "webhook",
    ]
    assert lines["webhook"][1] == "Meta calls another one, at other.example"


async def test_a_refused_token_answers_every_question() -> None:
    assert await health(refused(190, status=401)) == {"token": (False, "Meta refuses it: (#190) No")}


async def test_a_token_that_ends_soon_is_told() -> None:
    lines = await health(answered(NUMBER), answered({"data": {"expires_at": 1_700_000_000}}), answered(APPS))

    assert lines["token"] == (False, "it ends at 2023-11-14 22:13 UTC")


FILE_URL = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=77"


async def test_a_file_is_fetched_by_its_id_then_at_its_address_with_the_token() -> None:
    told = answered({"url": FILE_URL, "mime_type": "image/jpeg", "file_size": "5"})
    async with scripted(told, httpx.Response(200, content=b"12345")) as (script, context):
        sink = Sink()
        await channel.fetch_media(PICTURE, sink, context)

    assert sink.content == b"12345"
    assert [str(one.url) for one in script.asked] == ["https://graph.facebook.com/v25.0/77", FILE_URL]
    assert [one.headers["authorization"] for one in script.asked] == [f"Bearer {TOKEN}"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://evilfbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://[::1/x",
        "file:///etc/passwd",
        "//lookaside.fbsbx.com/x",
    ],
)
async def test_the_token_goes_to_meta_only(url: str) -> None:
    async with scripted(answered({"url": url})) as (script, context):
        with pytest.raises(ContentError):
            await channel.fetch_media(PICTURE, Sink(), context)

    assert len(script.asked) == 1


async def test_what_stands_in_for_meta_may_keep_files_too() -> None:
    base = "http://127.0.0.1:8082"
    told, file = answered({"url": f"{base}/files/1"}), httpx.Response(200, content=b"1")
    async with scripted(told, file, api_base=base) as (script, context):
        await channel.fetch_media(PICTURE, Sink(), context)
    assert len(script.asked) == 2

    async with scripted(answered({"url": "http://127.0.0.1:8083/files/1"}), file, api_base=base) as (script, context):
        with pytest.raises(ContentError):
            await channel.fetch_media(PICTURE, Sink(), context)
    assert len(script.asked) == 1


async def test_an_address_that_ran_out_is_asked_for_once_more() -> None:
    told = answered({"url": FILE_URL})
    gone, there = httpx.Response(404), httpx.Response(200, content=b"1")
    async with scripted(told, gone, told, there) as (script, context):
        await channel.fetch_media(PICTURE, Sink(), context)
    assert len(script.asked) == 4

    async with scripted(told, gone, told, gone) as (_, context):
        with pytest.raises(RetryLaterError):
            await channel.fetch_media(PICTURE, Sink(), context)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, headers={"content-type": "text/html"}, text="Log in"), RetryLaterError),
        (httpx.Response(302, headers={"location": "https://evil.example"}), RetryLaterError),
        (httpx.Response(401), RetryLaterError),
        (httpx.Response(200, content=b"123"), RetryLaterError),
        (httpx.ReadTimeout("no"), RetryLaterError),
    ],
)
async def test_half_a_file_is_no_file(answer: httpx.Response | httpx.HTTPError, error: type[SendError]) -> None:
    async with scripted(answered({"url": FILE_URL, "file_size": 5}), answer) as (_, context):
        with pytest.raises(error):
            await channel.fetch_media(PICTURE, Sink(), context)


@pytest.mark.parametrize(
    "answer", [refused(100, error_subcode=33), refused(131052), answered({"url": FILE_URL, "file_size": 5000})]
)
async def test_a_file_that_can_t_be_had_is_not_asked_for_again(answer: httpx.Response) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(ContentError):
            await channel.fetch_media(PICTURE, Sink(), context)
