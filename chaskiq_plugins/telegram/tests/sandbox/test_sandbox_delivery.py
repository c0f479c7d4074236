"""Webhook delivery: in order per chat, again until taken, to whom and as the bot wished."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import httpx
import pytest
from starlette.responses import Response

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver
from chaskiq_telegram.sandbox import SandboxOptions, TelegramSandbox, app_of

pytestmark = pytest.mark.anyio

HOOK = "http://hook/hook"


@asynccontextmanager
async def playing(receiver: Receiver, options: SandboxOptions) -> AsyncIterator[CustomerClient]:
    """A sandbox with options of its own."""
    given: SandboxOptions = {"webhook_transport": httpx.ASGITransport(receiver.app), **options}
    sandbox = TelegramSandbox(**given)
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        yield CustomerClient(http)


async def pending_count(client: CustomerClient) -> object:
    return (await client.result("getWebhookInfo"))["pending_update_count"]


async def wait_until_delivered(client: CustomerClient) -> None:
    with anyio.fail_after(5):
        while await pending_count(client):
            await anyio.lowlevel.checkpoint()


async def test_an_update_comes_with_the_secret_header(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK, secret_token="s3cr3t-Token_01")

    written = await client.write("hi")

    [delivered] = await receiver.wait_for(1)
    assert delivered.headers["x-telegram-bot-api-secret-token"] == "s3cr3t-Token_01"
    assert delivered.headers["content-type"] == "application/json"
    assert delivered.update == {"update_id": written["update_id"], "message": written["message"]}


async def test_no_secret_means_no_header(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)

    await client.write("hi")

    [delivered] = await receiver.wait_for(1)
    assert "x-telegram-bot-api-secret-token" not in delivered.headers


async def test_what_came_before_the_webhook_is_delivered_in_order(client: CustomerClient, receiver: Receiver) -> None:
    for text in ("one", "two", "three"):
        await client.write(text)
    assert await pending_count(client) == 3

    await client.call("setWebhook", url=HOOK)

    await receiver.wait_for(3)
    await wait_until_delivered(client)
    assert receiver.texts == ["one", "two", "three"]


async def test_a_failing_update_holds_back_its_chat_only(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    receiver.gates["stuck"] = anyio.Event()

    await client.write("stuck")
    await client.write("behind")
    await client.write("free", sender=LEO)

    await receiver.wait_for(2)
    assert receiver.texts == ["stuck", "free"]
    receiver.gates["stuck"].set()
    await receiver.wait_for(3)
    assert receiver.texts == ["stuck", "free", "behind"]


async def test_a_failed_update_comes_again_the_same_and_first(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    receiver.answers.extend([Response(status_code=500), Response(status_code=302), Response(status_code=204)])

    await client.write("one")
    await client.write("two")

    delivered = await receiver.wait_for(4)
    await wait_until_delivered(client)
    assert receiver.texts == ["one", "one", "one", "two"]
    assert delivered[0].update == delivered[1].update == delivered[2].update
    info = await client.result("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 302 Found"
    assert isinstance(info["last_error_date"], int)


async def test_the_wait_doubles_up_to_a_cap_and_honours_retry_after(receiver: Receiver) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        await anyio.lowlevel.checkpoint()

    receiver.answers.extend([Response(status_code=500) for _ in range(8)])
    receiver.answers.append(Response(status_code=429, headers={"Retry-After": "17"}))
    receiver.answers.append(Response(status_code=503, headers={"Retry-After": "9999"}))
    async with playing(receiver, {"pause": pause}) as client:
        await client.call("setWebhook", url=HOOK)
        await client.write("hi")
        await receiver.wait_for(11)
        await wait_until_delivered(client)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 17, 3600]


async def test_an_update_expires_after_a_day(receiver: Receiver) -> None:
    clock = [1_784_012_450.0]

    async def pause(seconds: float) -> None:
        clock[0] += 3600
        await anyio.lowlevel.checkpoint()

    receiver.refuses = lambda update: object_at(update, "message")["text"] == "poison"
    async with playing(receiver, {"pause": pause, "now": lambda: clock[0]}) as client:
        await client.call("setWebhook", url=HOOK)
        await client.write("poison")
        await receiver.wait_for(24)
        await client.write("after")
        await receiver.wait_for(25)
        await wait_until_delivered(client)

    assert receiver.texts == ["poison"] * 24 + ["after"]


async def test_a_webhook_that_is_not_there_is_reported(receiver: Receiver) -> None:
    waiting = anyio.Event()

    async def pause(seconds: float) -> None:
        waiting.set()
        await anyio.sleep_forever()

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens", request=request)

    sandbox = TelegramSandbox(webhook_transport=httpx.MockTransport(refuse), pause=pause)
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        client = CustomerClient(http)
        await client.call("setWebhook", url=HOOK)
        await client.write("hi")
        with anyio.fail_after(5):
            await waiting.wait()

        info = await client.result("getWebhookInfo")

    assert info["last_error_message"] == "Connection refused"
    assert info["pending_update_count"] == 1


async def test_a_new_webhook_is_tried_at_once(receiver: Receiver) -> None:
    waiting = anyio.Event()

    async def pause(seconds: float) -> None:
        waiting.set()
        await anyio.sleep_forever()

    receiver.answers.append(Response(status_code=500))
    async with playing(receiver, {"pause": pause}) as client:
        await client.call("setWebhook", url=HOOK)
        await client.write("hi")
        with anyio.fail_after(5):
            await waiting.wait()

        await client.call("setWebhook", url=HOOK, secret_token="new")

        delivered = await receiver.wait_for(2)
    assert delivered[1].headers["x-telegram-bot-api-secret-token"] == "new"


@pytest.mark.parametrize("method", ["setWebhook", "deleteWebhook"])
async def test_pending_updates_can_be_dropped(client: CustomerClient, receiver: Receiver, method: str) -> None:
    await client.write("old")

    await client.call(method, url=HOOK if method == "setWebhook" else "", drop_pending_updates=True)
    await client.call("setWebhook", url=HOOK)
    await client.write("new")

    await receiver.wait_for(1)
    await wait_until_delivered(client)
    assert receiver.texts == ["new"]


async def test_the_webhook_methods_say_what_they_did(client: CustomerClient) -> None:
    async def described(method: str, **parameters: str) -> str:
        return str((await client.call(method, **parameters)).json()["description"])

    assert await described("deleteWebhook") == "Webhook is already deleted"
    assert await described("setWebhook", url="http://10.0.0.7:5000/x", secret_token="a") == "Webhook was set"
    assert await described("setWebhook", url="http://10.0.0.7:5000/x", secret_token="a") == "Webhook is already set"
    assert await described("setWebhook", url="") == "Webhook was deleted"


async def test_webhook_info_shows_what_was_set(client: CustomerClient) -> None:
    await client.call("setWebhook", url=HOOK, max_connections=500, allowed_updates=["message"], ip_address="10.0.0.7")
    await client.call("setWebhook", url=HOOK)

    assert await client.result("getWebhookInfo") == {
        "url": HOOK,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 40,
        # kept from the first call, as Telegram does when the second leaves it out
        "allowed_updates": ["message"],
    }


async def test_an_unwanted_kind_is_not_sent(client: CustomerClient) -> None:
    await client.call("setWebhook", url=HOOK, allowed_updates='["message"]')
    await client.write("hi")

    blocked = await client.post(f"/sandbox/bots/{TOKEN}/chats/{MAYA}/block")

    assert blocked == {"blocked": True, "update_id": None}


async def test_a_press_overtakes_the_message_it_belongs_to(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    receiver.gates["stuck"] = anyio.Event()
    press: JsonObject = {"callback_query": {"id": "1", "from": {"id": MAYA}, "data": "x"}}

    await client.write("stuck")
    await client.post(f"/sandbox/bots/{TOKEN}/updates", press)

    delivered = await receiver.wait_for(2)
    assert [list(each.update)[1] for each in delivered] == ["message", "callback_query"]
    receiver.gates["stuck"].set()
