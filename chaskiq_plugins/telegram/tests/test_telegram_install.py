"""The webhook is registered with the secret that verify wants, taken away again, and looked after."""

import logging
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest

from chaskiq_core.plugin import (
    Accepted,
    AccountError,
    ChannelContext,
    ContentError,
    HealthCheck,
    InboundEvent,
    Installed,
    MessageReceived,
    ReauthError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    WebhookRequest,
)
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.telegram_provider import (
    SECRET,
    Provider,
    a_piece,
    answered,
    context_of,
    form_of,
    refused,
    running_provider,
    scripted,
)
from chaskiq_telegram import TelegramSettings, channel
from chaskiq_telegram.sandbox import TelegramSandbox, app_of

pytestmark = pytest.mark.anyio

SANDBOX = "http://sandbox"
QUIET_BOT = "7700112299:AAGnobody-writes-to-this-bot-at-all-here"
HOOK = "http://127.0.0.1:9/api/v1/hooks/receiver/hook-canary"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running_provider() as provider:
        yield provider


async def test_the_webhook_is_ours_after_an_install(provider: Provider) -> None:
    installed = await channel.install(HOOK, provider.context())
    again = await channel.install(HOOK, provider.context())

    info = await provider.customer.result("getWebhookInfo")
    me = await provider.customer.result("getMe")
    assert installed == again == Installed(account="7700112233", name=f"@{me['username']}")
    assert (info["url"], info["max_connections"]) == (HOOK, 40)
    allowed = info["allowed_updates"]
    assert isinstance(allowed, list)
    assert {"message", "edited_message", "callback_query", "business_message", "message_reaction"} <= {*allowed}


async def test_an_uninstall_takes_it_away_twice(provider: Provider) -> None:
    await channel.install(HOOK, provider.context())

    await channel.uninstall(provider.context())
    await channel.uninstall(provider.context())

    assert (await provider.customer.result("getWebhookInfo"))["url"] == ""


async def test_a_refused_token_is_told_in_telegrams_words(provider: Provider) -> None:
    await provider.customer.post(f"/sandbox/bots/{TOKEN}/revoke")

    with pytest.raises(ReauthError, match=r"^Unauthorized$"):
        await channel.install(HOOK, provider.context())
    with pytest.raises(ReauthError, match=r"^Not Found$"):
        await channel.install(HOOK, provider.context(token="12:no-such-bot"))
    with pytest.raises(ReauthError, match=r"^Unauthorized$"):
        await channel.uninstall(provider.context())


async def test_a_refused_url_is_told_in_telegrams_words(provider: Provider) -> None:
    with pytest.raises(ContentError, match=r"^Bad Request: invalid webhook URL specified$"):
        await channel.install("gopher://x", provider.context())


async def test_an_install_may_be_tried_again_when_nobody_knows(provider: Provider) -> None:
    await provider.customer.fault(method="setWebhook", kind="reset_after")

    with pytest.raises(RetryLaterError, match="ReadError"):
        await channel.install(HOOK, provider.context())


async def test_without_a_secret_nothing_is_installed(provider: Provider) -> None:
    settings = TelegramSettings(access_token=TOKEN, api_base=provider.url)

    with pytest.raises(AccountError, match="secret_token"):
        await channel.install(HOOK, context_of(provider.http, settings))

    assert (await provider.customer.result("getWebhookInfo"))["url"] == ""


@pytest.mark.parametrize("me", [True, {}, {"id": None}, []])
async def test_an_odd_bot_is_no_account(me: object) -> None:
    async with scripted(answered(me)) as (script, context):
        with pytest.raises(RetryLaterError, match="which bot"):
            await channel.install(HOOK, context)

    assert len(script.asked) == 1


async def test_secrets_are_in_no_log_of_the_library(caplog: pytest.LogCaptureFixture) -> None:
    me = answered({"id": 7700112233, "is_bot": True, "first_name": "Desk", "username": "desk_bot"})
    caplog.set_level(logging.DEBUG, logger="telegram")
    async with scripted(me, answered(True)) as (script, context):
        await channel.install(HOOK, context)

    assert "setWebhook" in caplog.text
    assert [secret for secret in (SECRET, "hook-canary", TOKEN) if secret in caplog.text] == []
    assert (form_of(script)["secret_token"], form_of(script)["url"]) == (SECRET, HOOK)


async def test_what_telegram_delivers_is_accepted_and_read() -> None:
    arrives, arrived = anyio.create_memory_object_stream[WebhookRequest](2)

    async def keep(request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        await arrives.send(WebhookRequest(method=request.method, headers=headers, body=await request.aread()))
        return httpx.Response(200)

    sandbox = TelegramSandbox(webhook_transport=httpx.MockTransport(keep))
    transport = httpx.ASGITransport(app_of(sandbox))
    async with sandbox.running(), arrives, arrived, httpx.AsyncClient(transport=transport, base_url=SANDBOX) as http:
        settings = TelegramSettings(access_token=TOKEN, api_base=SANDBOX).with_generated()
        context, customer = context_of(http, settings), CustomerClient(http)
        await channel.install(HOOK, context)
        await customer.write("Is it open on https://example.org?")
        receipt = await channel.send(a_piece("Yes"), context)
        await customer.write("Thanks", reply_to=int(receipt.external_ids[0]))
        with anyio.fail_after(5):
            requests = [await arrived.receive(), await arrived.receive()]

    events: list[InboundEvent] = []
    for request in requests:
        assert channel.verify(request, settings) == Accepted()
        [item] = channel.route(request, settings)
        assert item.lane == str(MAYA)
        events += channel.parse(request, item, settings)
    asked, thanked = events
    assert isinstance(asked, MessageReceived)
    assert isinstance(thanked, MessageReceived)
    assert (asked.text, thanked.text) == ("Is it open on https://example.org?", "Thanks")
    assert asked.content is not None
    assert thanked.reply_to_key == receipt.message_keys[0]


def lines(checks: object) -> dict[str, HealthCheck]:
    assert isinstance(checks, list)
    return {check.name: check for check in checks}


async def test_a_working_bot_is_healthy(provider: Provider) -> None:
    context = provider.context(token=QUIET_BOT)
    await channel.install(HOOK, context)

    checks = lines(await channel.health(context, HOOK))

    assert list(checks) == ["token", "public URL", "webhook", "updates", "last error", "pending", "clock"]
    assert all(check.ok for check in checks.values())
    assert "@" in checks["token"].detail


async def test_a_refused_token_answers_all_questions(provider: Provider) -> None:
    await provider.customer.post(f"/sandbox/bots/{TOKEN}/revoke")

    [check] = await channel.health(provider.context(), HOOK)

    assert (check.name, check.ok) == ("token", False)
    assert "Unauthorized" in check.detail
    assert "access_token=" in check.fix


ME = {"id": 7700112233, "is_bot": True, "first_name": "Desk"}
BOT_JSON = answered(ME)
PUBLIC = "https://chat.example.org/api/v1/hooks/receiver/hook-canary"
KINDS = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
]


@pytest.mark.parametrize(
    ("info", "failed", "words"),
    [
        ({"url": ""}, {"webhook"}, "has no webhook"),
        ({"url": "https://other.example/"}, {"webhook"}, "another URL"),
        ({"allowed_updates": ["message"]}, {"updates"}, "callback_query"),
        ({"allowed_updates": None}, {"updates"}, "message"),
        ({"last_error_message": "Wrong response", "last_error_date": 1_790_000_000}, set(), "2026-09-21"),
        (
            {"last_error_message": "Wrong response: 502", "last_error_date": 1, "pending_update_count": 3},
            {"last error"},
            "Wrong response: 502",
        ),
        ({"pending_update_count": 100}, {"pending"}, "100 updates wait"),
    ],
)
async def test_what_is_wrong_is_told_with_its_fix(info: dict[str, object], failed: set[str], words: str) -> None:
    usual = {"url": PUBLIC, "has_custom_certificate": False, "pending_update_count": 0, "allowed_updates": KINDS}
    async with scripted(BOT_JSON, answered(usual | info)) as (_, context):
        checks = lines(await channel.health(context, PUBLIC))

    assert {name for name, check in checks.items() if not check.ok} == failed
    assert any(words in check.detail for check in checks.values())
    assert all("hook-canary" not in check.detail for check in checks.values())
    assert all(bool(check.fix) != check.ok for check in checks.values())


@pytest.mark.parametrize(
    ("answer", "error"),
    [(refused(500, "Internal Server Error"), RetryLaterError), (httpx.Response(200, text="?"), UnknownOutcomeError)],
)
async def test_a_health_check_that_can_not_be_made_is_an_error(answer: httpx.Response, error: type[SendError]) -> None:
    async def check(context: ChannelContext[TelegramSettings]) -> None:
        await channel.health(context, HOOK)

    async with scripted(answer) as (_, context):
        with pytest.raises(error):
            await check(context)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://chat.example.org/hook", "https only"),
        ("https://chat.example.org:3000/hook", "443, 80, 88, 8443"),
        ("https://localhost/hook", "not on the internet"),
        ("https://192.168.1.4/hook", "not on the internet"),
    ],
)
async def test_a_public_url_that_telegram_can_t_call_is_named_with_its_fix(url: str, said: str) -> None:
    async with scripted(BOT_JSON, answered({"url": url})) as (_, context):
        [check] = [line for line in await channel.health(context, url) if line.name == "public URL"]

    assert not check.ok
    assert said in check.detail
    assert "CHASKIQ_PUBLIC_URL" in check.fix


@pytest.mark.parametrize(("date", "ok"), [("Sat, 01 Jan 2000 00:00:00 GMT", False), ("not a date", True)])
async def test_a_clock_that_is_wrong_is_said(date: str, ok: bool) -> None:
    told = [httpx.Response(200, json={"ok": True, "result": one}, headers={"date": date}) for one in (ME, {"url": ""})]
    async with scripted(*told) as (_, context):
        [check] = [line for line in await channel.health(context, "https://x.example/") if line.name == "clock"]

    assert check.ok is ok
