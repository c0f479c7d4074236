"""What outlives a restart: ids, tokens, chats, webhooks, updates that wait; and what a first start needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import chaskiq_telegram.sandbox as package
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver
from chaskiq_telegram.sandbox import SandboxOptions, TelegramSandbox, app_of, create_app

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def started(path: Path | None, options: SandboxOptions | None = None) -> AsyncIterator[CustomerClient]:
    """A sandbox in this file, for the length of the block."""
    sandbox = TelegramSandbox(path, **(options or {}))
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        yield CustomerClient(http)


async def test_ids_continue(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    async with started(path) as client:
        first = await client.write("one")
        answer = await client.result("sendMessage", chat_id=MAYA, text="two")

    async with started(path) as client:
        again = await client.write("three")
        messages = await client.conversation()

    assert isinstance(first["update_id"], int)
    assert isinstance(first["message_id"], int)
    assert (again["update_id"], again["message_id"]) == (first["update_id"] + 1, first["message_id"] + 2)
    assert answer["message_id"] == first["message_id"] + 1
    assert [message["text"] for message in messages] == ["one", "two", "three"]
    assert first["update_id"] >= 100_000_000


async def test_waiting_updates_are_delivered_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    path = tmp_path / "sandbox.sqlite3"
    async with started(path) as client:
        await client.write("one")
        await client.write("two")

    async with started(path, {"webhook_transport": httpx.ASGITransport(receiver.app)}) as client:
        await client.call("setWebhook", url="http://hook/hook")
        await receiver.wait_for(2)

    assert receiver.texts == ["one", "two"]


async def test_a_token_must_be_added_where_not_any_will_do() -> None:
    async with started(None, {"accept_any_token": False}) as client:
        unknown = await client.call("getMe")
        await client.post("/sandbox/bots", {"token": TOKEN, "first_name": "Acme Help", "username": "acme_helpdesk_bot"})
        me = await client.result("getMe")

    assert (unknown.status_code, unknown.json()["description"]) == (401, "Unauthorized")
    assert (me["first_name"], me["username"]) == ("Acme Help", "acme_helpdesk_bot")


async def test_limits_are_enforced_on_request() -> None:
    clock = [1_784_012_450.0]
    async with started(None, {"enforce_limits": True, "now": lambda: clock[0]}) as client:
        await client.write("hi")
        statuses = [(await client.call("sendMessage", chat_id=MAYA, text="x")).status_code for _ in range(5)]
        limited = await client.call("sendMessage", chat_id=MAYA, text="x")
        clock[0] += 1
        after = await client.call("sendMessage", chat_id=MAYA, text="x")

    assert statuses == [200] * 5
    assert limited.json()["parameters"] == {"retry_after": 1}
    assert (limited.status_code, limited.headers["Retry-After"], after.status_code) == (429, "1", 200)


async def test_an_app_answers_without_its_lifespan(tmp_path: Path) -> None:
    sandbox = TelegramSandbox()
    transport = httpx.ASGITransport(app_of(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        client = CustomerClient(http)
        await client.write("hi")

        assert (await client.result("sendMessage", chat_id=MAYA, text="x"))["text"] == "x"
    sandbox.close()


async def test_an_app_runs_its_own_sandbox(tmp_path: Path) -> None:
    app = create_app(tmp_path / "sandbox.sqlite3")
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as http,
    ):
        assert (await http.get(f"/bot{TOKEN}/getMe")).json()["ok"] is True


def test_all_that_is_exported_is_there() -> None:
    assert all(hasattr(package, name) for name in package.__all__)
    assert package.__all__ == sorted(package.__all__)
