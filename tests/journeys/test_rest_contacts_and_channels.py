"""Contacts, integrations and the dead-letter lists over REST."""

import pytest

from chaskiq_core.errors import RecipientError, UnknownOutcomeError
from chaskiq_core.secrets import MASK
from tests.harness.databases import Database
from tests.harness.house import a_message
from tests.harness.server import RunningServer, running_server
from tests.harness.tiny_channel import SECRET
from tests.harness.wait import until

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

APP_USER = {
    "id", "kind", "name", "email", "avatar_url", "phone", "properties", "subscription_state", "profiles",
}  # fmt: skip


async def test_a_contact_is_added_changed_found(server: RunningServer) -> None:
    added = await server.call(
        "POST", "/app_users", {"kind": "user", "name": "Carl", "email": "carl@example.org", "properties": {"vip": True}}
    )
    key = added.json()["id"]
    changed = await server.call("PATCH", f"/app_users/{key}", {"phone": "+1", "properties": {"vip": None, "age": 7}})
    await server.customer_writes("Hello")

    assert added.status_code == 201
    assert added.json().keys() == APP_USER
    assert (added.json()["kind"], added.json()["properties"]) == ("user", {"vip": True})
    assert (changed.json()["name"], changed.json()["phone"]) == ("Carl", "+1")
    assert changed.json()["properties"] == {"age": 7}
    assert (await server.call("GET", f"/app_users/{key}")).json() == changed.json()
    found = (await server.call("GET", "/app_users", params={"q": "CARL@"})).json()
    assert [contact["id"] for contact in found["items"]] == [key]
    [customer] = (await server.call("GET", "/app_users", params={"limit": 1})).json()["items"]
    assert customer["profiles"] == [{"provider": "tiny", "external_id": "7"}]


async def test_wrong_fields_of_contacts_are_422(server: RunningServer) -> None:
    key = (await server.call("POST", "/app_users", {})).json()["id"]
    for body in (
        {"kind": "alien"},
        {"email": "no address"},
        {"name": "x" * 501},
        {"properties": {"list": [1]}},
        {"properties": {str(number): 1 for number in range(101)}},
        {"session_id": "mine"},
    ):
        assert (await server.call("POST", "/app_users", body)).status_code == 422, body
    assert (await server.call("PATCH", f"/app_users/{key}", {"kind": "user"})).status_code == 422
    headers = {"authorization": f"Bearer {server.acme.token}"}
    endless = await server.http.post(
        server.acme.path("/app_users"), content=b'{"properties": {"x": 1e999}}', headers=headers
    )
    assert endless.status_code == 422


async def test_an_integration_is_added_paused_changed_removed(server: RunningServer) -> None:
    added = await server.call(
        "POST",
        "/integrations",
        {"provider": "tiny", "name": "Second", "settings": {"name": "second", "secret_token": "a secret of ours"}},
    )
    key = added.json()["id"]

    async def is_active() -> bool:
        return '"state":"active"' in (await server.call("GET", f"/integrations/{key}")).text

    await until(is_active)
    hook = added.json()["hook_url"].removeprefix(server.chaskiq.settings.public_url)
    posted = await server.http.post(
        hook, json={"messages": [a_message(1, "Hi", chat="9")]}, headers={"x-tiny-secret": "a secret of ours"}
    )
    paused = await server.call("PATCH", f"/integrations/{key}", {"state": "paused"})
    resumed = await server.call("PATCH", f"/integrations/{key}", {"state": "active"})
    changed = await server.call("PATCH", f"/integrations/{key}", {"settings": {"secret_token": "another"}})

    async def takes_the_new_one() -> bool:
        answer = await server.http.post(
            hook, json={"messages": [a_message(2, "Ho", chat="9")]}, headers={"x-tiny-secret": "another"}
        )
        return answer.status_code == 200

    await until(takes_the_new_one)
    removed = await server.call("DELETE", f"/integrations/{key}")

    assert (added.status_code, added.json()["state"], added.json()["provider"]) == (201, "installing", "tiny")
    assert added.json()["settings"]["secret_token"] == MASK
    assert posted.status_code == 200
    assert (paused.json()["state"], resumed.json()["state"]) == ("paused", "active")
    assert (changed.status_code, changed.json()["hook_url"]) == (200, None)
    assert (removed.status_code, removed.content) == (204, b"")
    assert (await server.call("GET", f"/integrations/{key}")).status_code == 404
    listed = (await server.call("GET", "/integrations")).json()
    assert [one["id"] for one in listed["items"]] == [server.acme.integration]
    for answer in (added, paused, resumed, changed):
        assert "a secret of ours" not in answer.text


async def test_wrong_settings_name_themselves_and_show_no_secret(server: RunningServer) -> None:
    wrong: list[tuple[dict[str, object], str, int]] = [
        ({"provider": "pigeon"}, "pigeon", 404),
        ({"provider": "tiny", "settings": {"colour": "red"}}, "colour", 422),
        ({"provider": "tiny", "settings": {"secret_token": ["x"]}}, "secret_token", 422),
        ({"provider": "tiny", "settings": {"secret_token": MASK}}, "secret_token", 422),
        ({"provider": "tiny", "settings": {"name": "tiny-acme"}}, "tiny-acme", 409),
        ({"provider": "tiny", "agent_id": "999"}, "999", 404),
        ({"settings": {}}, "provider", 422),
    ]
    for body, named, status in wrong:
        answer = await server.call("POST", "/integrations", body)
        assert answer.status_code == status, (body, answer.text)
        assert named in answer.json()["detail"], (body, answer.text)
        assert SECRET not in answer.text

    path = f"/integrations/{server.acme.integration}"
    for changes in ({}, {"state": "broken"}, {"state": "paused", "settings": {}}, {"name": "x"}):
        assert (await server.call("PATCH", path, changes)).status_code == 422, changes


PRIVATE = (
    "http://127.0.0.1:8081",
    "http://localhost",
    "http://0.0.0.0",
    "http://0x7f.1",
    "http://2130706433",
    "https://10.0.0.1/x",
    "https://192.168.1.1",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[64:ff9b::7f00:1]",
    "https://[fd00::1]",
    "ftp://8.8.8.8",
    "file:///etc/passwd",
    "https://user@8.8.8.8",
    "https://",
    "https://8.8.8.8:99999",
    "//8.8.8.8",
)


async def test_rest_sends_the_server_to_no_private_address(server: RunningServer) -> None:
    path = f"/integrations/{server.acme.integration}"
    for url in PRIVATE:
        changed = await server.call("PATCH", path, {"settings": {"api_base": url}})
        added = await server.call("POST", "/integrations", {"provider": "tiny", "settings": {"api_base": url}})
        for answer in (changed, added):
            assert answer.status_code == 422, (url, answer.text)
            assert answer.json()["detail"].startswith("settings.api_base: ")
    public = await server.call("PATCH", path, {"settings": {"api_base": "https://8.8.8.8/bot"}})
    kept = (await server.call("GET", path)).json()

    assert public.status_code == 200
    assert kept["settings"]["api_base"] == "https://8.8.8.8/bot"


async def test_an_operator_may_allow_private_addresses(database: Database) -> None:
    async with running_server(database, allow_private_hosts=True) as server:
        path = f"/integrations/{server.acme.integration}"
        answer = await server.call("PATCH", path, {"settings": {"api_base": "http://127.0.0.1:8081"}})

    assert answer.status_code == 200


async def test_failed_and_unknown_deliveries_are_listed_sent_again_confirmed(server: RunningServer) -> None:
    key = await server.customer_writes("Hello?")
    server.tiny.outbox.faults.extend([RecipientError("blocked by the user"), UnknownOutcomeError("reset")])
    for text in ("one", "two"):
        await server.call("POST", f"/conversations/{key}/parts", {"text": text})
    await server.house.quiet()

    failed = (await server.call("GET", "/deliveries")).json()
    unknown = (await server.call("GET", "/deliveries", params={"state": "unknown"})).json()
    [lost], [maybe] = failed["items"], unknown["items"]
    refused = await server.call("POST", f"/deliveries/{lost['id']}/confirm")
    confirmed = await server.call("POST", f"/deliveries/{maybe['id']}/confirm")
    again = await server.call("POST", f"/deliveries/{lost['id']}/retry")
    await server.house.quiet()

    assert lost["error"] == {"class": "recipient", "code": "", "message": "blocked by the user", "retryable": False}
    assert lost["conversation_key"] == key
    assert (refused.status_code, confirmed.json()["state"], again.json()["state"]) == (409, "sent", "queued")
    assert [piece.text for piece in server.tiny.outbox.sent] == ["one"]
    assert (await server.call("GET", "/deliveries", params={"state": "lost"})).status_code == 422


async def test_what_could_not_be_taken_in_is_listed_and_taken_in_again(server: RunningServer) -> None:
    await server.hook(a_message(1, "bad", poison=True))
    await server.house.quiet()

    [item] = (await server.call("GET", "/inbound")).json()["items"]
    replayed = await server.call("POST", f"/inbound/{item['id']}/replay")
    await server.house.quiet()
    nobody_s = [await server.call("POST", f"/inbound/{name}/replay") for name in ("1", "x", "9" * 30, "-1")]

    assert item.keys() == {"id", "state", "error", "dedupe_key", "received_at"}
    assert "poison" in item["error"]
    assert (replayed.status_code, replayed.json()["id"]) == (200, item["id"])
    assert [answer.status_code for answer in nobody_s] == [404] * 4
