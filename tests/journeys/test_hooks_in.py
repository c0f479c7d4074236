"""Webhooks over HTTP: what is accepted becomes parts once, what is not leaves nothing and harms nobody."""

import logging
from collections.abc import AsyncIterator, Sequence

import anyio
import httpx
import pytest

from chaskiq_core import desk
from chaskiq_core.inbound.receive import MAX_BODY_BYTES
from chaskiq_core.plugin import WebhookItem, WebhookRequest, hookimpl
from tests.harness.databases import Database
from tests.harness.house import a_message
from tests.harness.server import HOOKS, RunningServer, running_server
from tests.harness.tiny_channel import SECRET, TinyChannel, TinySettings

pytestmark = pytest.mark.anyio

RIGHT = {b"x-tiny-secret": SECRET.encode()}
DEEP = b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BAD: dict[str, tuple[dict[bytes, bytes], bytes, set[int]]] = {
    "no secret": ({}, b'{"messages": []}', {401, 403}),
    "a wrong secret": ({b"x-tiny-secret": b"tiny"}, b'{"messages": []}', {401, 403}),
    "a secret that is not ASCII": ({b"x-tiny-secret": "tiny-sécret".encode("latin-1")}, b"{}", {401, 403}),
    "a secret of any bytes": ({b"x-tiny-secret": bytes(range(128, 256))}, b"{}", {401, 403}),
    "nothing": (RIGHT, b"", {400}),
    "junk": (RIGHT, b"hello", {400}),
    "bytes that are not UTF-8": (RIGHT, b'{"messages": "\xff\xfe"}', {400}),
    "a JSON that ends early": (RIGHT, b'{"messages": [{"id": 1, "chat": "7"', {400}),
    "an array": (RIGHT, b"[]", {400}),
    "a number": (RIGHT, b"7", {400}),
    "NaN": (RIGHT, b'{"messages": [{"id": NaN, "chat": "7", "text": "x"}]}', {400}),
    "Infinity": (RIGHT, b'{"messages": [{"id": -Infinity, "chat": "7", "text": "x"}]}', {400}),
    "a number of a million digits": (RIGHT, b'{"messages": [], "n": ' + b"9" * 1_000_000 + b"}", {400}),
    "depth": (RIGHT, DEEP, {400}),
    "bytes said to be compressed": ({**RIGHT, b"content-encoding": b"gzip"}, b"\x1f\x8b\x08\x00junk", {400}),
    "too much": (RIGHT, b" " * (MAX_BODY_BYTES + 1), {413}),
}


async def test_a_posted_message_becomes_a_part_and_its_reply_goes_out(server: RunningServer) -> None:
    key = await server.customer_writes("Where is my order?")

    replied = await server.call("POST", f"/conversations/{key}/parts", {"text": "On its way"})
    await server.house.quiet()

    assert replied.status_code == 201
    assert [(piece.channel_id, piece.text) for piece in server.tiny.outbox.sent] == [("7", "On its way")]
    page = (await server.call("GET", f"/conversations/{key}/parts")).json()
    assert [part["text"] for part in page["items"]] == ["Where is my order?", "On its way"]
    assert page["items"][1]["deliveries"][0]["state"] == "sent"
    assert page["items"][1]["deliveries"][0]["external_ids"] == ["1001"]


async def test_bad_webhooks_are_refused_and_leave_nothing(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{HOOKS}/{server.acme.hook_token}"
    with caplog.at_level(logging.INFO):
        for name, (headers, body, expected) in BAD.items():
            answer = await server.http.post(url, content=body, headers=headers)
            assert answer.status_code in expected, (name, answer.status_code, answer.text)
        unknown = await server.http.post(f"{HOOKS}/nobody-s", content=b"{}", headers=RIGHT)
        doubled = await server.http.post(
            url, content=b"{}", headers=[("x-tiny-secret", "wrong"), ("x-tiny-secret", SECRET)]
        )
        of_another = await server.http.post(f"{HOOKS}/{'x' * 5000}", content=b"{}", headers=RIGHT)
        odd = [await server.http.post(f"{HOOKS}/{token}", content=b"{}") for token in ("%00", "%ff", "a%2Fb", "é")]
    await server.house.quiet()

    assert (unknown.status_code, of_another.status_code) == (404, 404)
    assert [answer.status_code for answer in odd] == [404] * 4
    assert doubled.status_code == 403
    assert (await server.house.ann.read(desk.inbox)).items == []
    assert await count_inbound(server) == 0
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


async def test_a_body_without_an_announced_length_is_cut_off(server: RunningServer) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 1_000_000 + 2):
            yield b" " * 1_000_000

    answer = await server.http.post(f"{HOOKS}/{server.acme.hook_token}", content=endless(), headers=RIGHT)

    assert answer.status_code == 413


async def test_a_method_that_the_channel_does_not_use_is_refused(server: RunningServer) -> None:
    url = f"{HOOKS}/{server.acme.hook_token}"

    answers = [await server.http.request(method, url, headers=RIGHT) for method in ("GET", "PUT", "DELETE", "PATCH")]
    unknown = await server.http.get(f"{HOOKS}/nobody-s")

    assert [answer.status_code for answer in answers] == [405] * 4
    assert unknown.status_code == 404


async def test_what_can_be_read_and_means_nothing_is_kept_as_ignored(server: RunningServer) -> None:
    answer = await server.hook({"id": 1, "chat": "7", "sticker": "🙂"})
    await server.house.quiet()

    listed = (await server.call("GET", "/inbound", params={"state": "ignored"})).json()
    assert answer.status_code == 200
    assert [item["dedupe_key"] for item in listed["items"]] == ["1"]
    assert (await server.house.ann.read(desk.inbox)).items == []


async def test_one_message_repeated_and_raced_by_eight_clients_is_one_part(server: RunningServer) -> None:
    async def client() -> None:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
            for _ in range(3):
                answer = await http.post(
                    f"{HOOKS}/{server.acme.hook_token}", json={"messages": [a_message(1, "Only once")]}, headers=RIGHT
                )
                assert answer.status_code == 200

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(client)
    await server.house.quiet()

    [conversation] = (await server.call("GET", "/conversations")).json()["items"]
    parts = (await server.call("GET", f"/conversations/{conversation['key']}/parts")).json()
    assert [part["text"] for part in parts["items"]] == ["Only once"]


async def test_eight_messages_at_once_from_someone_new_make_one_conversation(server: RunningServer) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(1, 9):
            tasks.start_soon(server.hook, a_message(number, f"Message {number}"))
    await server.house.quiet()

    [conversation] = (await server.call("GET", "/conversations")).json()["items"]
    parts = (await server.call("GET", f"/conversations/{conversation['key']}/parts")).json()["items"]
    assert sorted(part["text"] for part in parts) == [f"Message {number}" for number in range(1, 9)]
    assert [part["seq"] for part in parts] == list(range(1, 9))
    assert len((await server.call("GET", "/app_users")).json()["items"]) == 1


class Broken(TinyChannel):
    """A plugin with a bug."""

    @hookimpl
    def route(self, request: WebhookRequest, settings: TinySettings) -> Sequence[WebhookItem]:
        raise RuntimeError(f"the secret is {settings.secret_token}")


async def test_a_broken_plugin_is_a_500_without_details(database: Database) -> None:
    async with running_server(database, tiny=Broken()) as server:
        answer = await server.hook(a_message(1, "Hello"))

    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


async def test_no_token_reaches_the_log(server: RunningServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="chaskiq"), caplog.at_level(logging.INFO):
        await server.hook(a_message(1, "Hello"))
        await server.http.get("/nowhere", params={"token": server.acme.token})
        await server.call("GET", "/conversations")
        await server.house.quiet()

    lines = [record.getMessage() for record in caplog.records if record.name == "chaskiq.access"]
    assert any(line.startswith("POST /api/v1/hooks/receiver/{token} 200 ") for line in lines)
    assert any(line.startswith("GET /api/v1/apps/{app_key}/conversations 200 ") for line in lines)
    assert any(line.startswith("GET - 404 ") for line in lines)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    for secret in (server.acme.hook_token, server.acme.token, SECRET):
        assert secret not in logged


async def count_inbound(server: RunningServer) -> int:
    """Elements that the ledger has, in whatever state."""
    states = ("pending", "done", "ignored", "failed")
    pages = [await server.call("GET", "/inbound", params={"state": state}) for state in states]
    return sum(len(page.json()["items"]) for page in pages)
