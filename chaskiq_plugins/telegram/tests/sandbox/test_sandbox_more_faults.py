"""Faults of downloads and of deliveries: what breaks off, comes twice, comes late, or is taken and yet repeated."""

from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import httpx
import pytest

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_plugins.telegram.tests.sandbox import pictures
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver
from chaskiq_telegram.sandbox import running_sandbox

pytestmark = pytest.mark.anyio

CONTENT = pictures.PDF * 20_000
HOOK = "http://hook/hook"


async def a_file(client: CustomerClient) -> str:
    """The path of a file at the file host."""
    await client.write("hi")
    response = await client.http.post(
        f"/bot{TOKEN}/sendDocument", data={"chat_id": str(MAYA)}, files={"document": ("a.pdf", CONTENT)}
    )
    file_id = response.json()["result"]["document"]["file_id"]
    file = await client.result("getFile", file_id=file_id)
    return f"/file/bot{TOKEN}/{file['file_path']}"


@pytest.fixture
async def remote() -> AsyncIterator[CustomerClient]:
    """A client of a sandbox on a port."""
    async with running_sandbox() as url, httpx.AsyncClient(base_url=url) as http:
        yield CustomerClient(http)


async def test_get_file_fails_as_often_as_it_is_told(client: CustomerClient) -> None:
    path = await a_file(client)
    await client.fault(kind=500, method="getFile", times=2)

    statuses = [(await client.call("getFile", file_id="x")).status_code for _ in range(3)]

    assert statuses == [500, 500, 400]
    assert (await client.http.get(path)).content == CONTENT


async def test_a_download_breaks_off_in_the_middle(remote: CustomerClient) -> None:
    path = await a_file(remote)
    await remote.fault(kind="broken_off")

    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await remote.http.get(path)

    assert (await remote.http.get(path)).content == CONTENT


async def test_a_download_may_be_shorter_than_was_said(client: CustomerClient) -> None:
    path = await a_file(client)
    await client.fault(kind="wrong_length")

    assert (await client.http.get(path)).content == CONTENT[: len(CONTENT) // 2]


async def test_a_download_trickles(client: CustomerClient) -> None:
    path = await a_file(client)
    await client.fault(kind="trickle", seconds=0.001)

    assert (await client.http.get(path)).content == CONTENT


async def test_a_download_fails_with_a_status(client: CustomerClient) -> None:
    path = await a_file(client)
    await client.fault(kind=503, method="download")
    await client.fault(kind=500)

    statuses = [(await client.http.get(path)).status_code for _ in range(2)]

    assert statuses == [503, 200]


async def test_an_update_comes_twice(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    await client.fault(kind="duplicate")

    await client.write("one")
    await client.write("two")

    delivered = await receiver.wait_for(3)
    assert receiver.texts == ["one", "one", "two"]
    assert delivered[0].update == delivered[1].update


async def test_an_update_comes_after_the_next_one(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    await client.fault(kind="hold", chat_id=MAYA, update="message")

    await client.write("one")
    await client.write("two")

    await receiver.wait_for(2)
    assert receiver.texts == ["two", "one"]


async def test_what_is_held_comes_when_the_faults_are_cleared(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    await client.fault(kind="hold")
    await client.write("one")
    with anyio.fail_after(5):
        while (await client.get("/sandbox/faults"))["faults"]:
            await anyio.lowlevel.checkpoint()

    await client.http.delete("/sandbox/faults")

    await receiver.wait_for(1)
    assert receiver.texts == ["one"]


async def test_an_update_that_was_taken_is_repeated(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url=HOOK)
    await client.fault(kind="lost_answer", times=2)

    await client.write("one")

    await receiver.wait_for(3)
    assert receiver.texts == ["one", "one", "one"]
    assert (await client.result("getWebhookInfo"))["last_error_message"] == "Read timeout expired"


async def test_delivery_faults_are_listed_and_cleared(client: CustomerClient) -> None:
    added = await client.fault(kind="hold", update="callback_query")
    await client.http.delete("/sandbox/faults")

    assert [object_at({"fault": fault}, "fault")["kind"] for fault in _list(added)] == ["hold"]
    assert (await client.get("/sandbox/faults"))["faults"] == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "hold", "method": "sendMessage"},
        {"kind": 500, "method": "webhook"},
        {"kind": "trickle", "method": "getMe"},
    ],
)
async def test_a_fault_that_cannot_be_is_refused(client: CustomerClient, fault: JsonObject) -> None:
    assert (await client.http.post("/sandbox/faults", json=fault)).status_code == 422


def _list(answer: JsonObject) -> list[JsonObject]:
    faults = answer["faults"]
    assert isinstance(faults, list)
    return [fault for fault in faults if isinstance(fault, dict)]
