"""The sandbox on a port: deliveries over real connections, and an end that nothing holds up."""

import anyio
import httpx
import pytest

from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_telegram.sandbox import TelegramSandbox, running_sandbox

pytestmark = pytest.mark.anyio


async def test_updates_travel_from_port_to_port() -> None:
    async with (
        running_sandbox() as here,
        running_sandbox() as there,
        httpx.AsyncClient(base_url=here) as http_here,
        httpx.AsyncClient(base_url=there) as http_there,
    ):
        sender, receiver = CustomerClient(http_here), CustomerClient(http_there)
        # another sandbox's door for raw updates is a webhook like any other
        await sender.call("setWebhook", url=f"{there}/sandbox/bots/{TOKEN}/updates")
        await sender.write("hi")

        arrived = await receiver.conversation(wait=5)

    assert [message["text"] for message in arrived] == ["hi"]


async def test_a_call_that_waits_does_not_hold_up_the_end() -> None:
    answered: list[int] = []

    async def call_slowly(client: CustomerClient) -> None:
        answered.append((await client.call("getMe")).status_code)

    with anyio.fail_after(5):
        async with (
            httpx.AsyncClient(timeout=None) as http,
            anyio.create_task_group() as tasks,
            running_sandbox() as url,
        ):
            http.base_url = httpx.URL(url)
            client = CustomerClient(http)
            await client.fault(kind="slow", seconds=3600)
            tasks.start_soon(call_slowly, client)
            await client.get("/sandbox/calls", wait=5)

    assert answered == [200]


async def test_an_error_inside_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with running_sandbox():
            raise ZeroDivisionError


async def test_a_sandbox_can_be_reached_by_both_ways() -> None:
    sandbox = TelegramSandbox(accept_any_token=False)
    sandbox.add_bot(TOKEN, first_name="Acme Help")

    async with running_sandbox(sandbox) as url, httpx.AsyncClient(base_url=url) as http:
        client = CustomerClient(http)
        await client.write("hi")

        assert (await client.result("getMe"))["first_name"] == "Acme Help"
        assert [kept.message["text"] for kept in sandbox.state.conversation(7700112233, MAYA)] == ["hi"]
