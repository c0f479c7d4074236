"""The web messenger over real HTTP: somebody on a page writes, an agent answers, and both see the same conversation."""

import json

import anyio
import pytest

from chaskiq_core import desk
from chaskiq_core.conversations.add_part import perform
from chaskiq_core.conversations.dialogue import lock_dialogue
from chaskiq_core.effects import AddPart
from chaskiq_core.plugin import ask_option
from chaskiq_core.store.unit import Unit
from tests.harness.cable import cable
from tests.harness.server import RunningServer
from tests.harness.wait import until
from tests.harness.web import a_browser, add_messenger, signed, site_jwt

pytestmark = pytest.mark.anyio
OWN = json.dumps({"channel": "MessengerEventsChannel"})


@pytest.fixture(autouse=True)
async def messenger(server: RunningServer) -> str:
    return await add_messenger(server)


async def test_a_stranger_writes_is_answered_and_has_read_it(server: RunningServer) -> None:
    browser = await a_browser(server)
    assert (await browser.ask("GET", "/conversations")).json() == {"items": [], "next": None}

    key = await browser.begin("Where is my order?")
    async with cable(browser.cable_url) as client:
        await client.subscribe(OWN)
        answer = await server.call("POST", f"/conversations/{key}/parts", {"text": "On its way."})
        heard = await client.hear()

    message = heard["message"]
    assert isinstance(message, dict)
    assert message["type"] == "conversations:conversation_part"
    assert (message["data"]["text"], message["data"]["conversation_key"]) == ("On its way.", key)
    assert [part["text"] for part in await browser.parts(key)] == ["Where is my order?", "On its way."]
    [listed] = (await browser.ask("GET", "/conversations")).json()["items"]
    assert (listed["key"], listed["unread_count"], listed["last_part"]["text"]) == (key, 1, "On its way.")

    async def sent() -> bool:
        [_, part] = (await server.call("GET", f"/conversations/{key}/parts")).json()["items"]
        return [one["state"] for one in part["deliveries"]] == ["sent"]

    await until(sent)
    read = await browser.ask("POST", f"/conversations/{key}/read", {"part": answer.json()["key"]})
    assert read.json() == {"read": 1}
    [_, part] = (await server.call("GET", f"/conversations/{key}/parts")).json()["items"]
    assert part["read_at"]
    assert [(one["provider"], one["state"]) for one in part["deliveries"]] == [("web", "read")]
    shown = (await server.call("GET", f"/conversations/{key}")).json()
    assert (shown["unread_count"], shown["main_participant"]["kind"]) == (0, "lead")
    assert [channel["provider"] for channel in shown["channels"]] == ["web"]


async def test_the_same_words_again_are_the_same_part_and_the_same_conversation(server: RunningServer) -> None:
    browser = await a_browser(server)
    words = {"text": "Hello", "client_id": "1"}

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(browser.ask, "POST", "/conversations", words)
    first = await browser.ask("POST", "/conversations", words)
    other = await browser.ask("POST", "/conversations", {"text": "Another", "client_id": "1"})
    key = first.json()["conversation"]["key"]
    more = [await browser.ask("POST", f"/conversations/{key}/parts", {"text": "More", "client_id": "2"}) for _ in "ab"]

    assert (first.status_code, other.status_code) == (200, 409)
    assert [answer.status_code for answer in more] == [201, 200]
    assert len((await browser.ask("GET", "/conversations")).json()["items"]) == 1
    assert [part["text"] for part in await browser.parts(key)] == ["Hello", "More"]


async def test_a_note_and_all_that_would_tell_of_one_stays_with_the_agents(server: RunningServer) -> None:
    browser = await a_browser(server)
    key = await browser.begin("Hello")
    seen = (await browser.ask("GET", "/conversations")).text, await browser.parts(key)
    async with cable(browser.cable_url) as client:
        await client.subscribe(OWN)
        note = {"text": "he is rude", "private_note": True}
        note_key = (await server.call("POST", f"/conversations/{key}/parts", note)).json()["key"]
        await server.call("POST", f"/conversations/{key}/assign", {"agent_id": server.acme.admin})
        await server.call("POST", f"/conversations/{key}/parts", {"text": "One moment"})
        heard = json.dumps(await client.hear()) + json.dumps(await client.hear())

    first, *rest = await browser.parts(key)
    assert [first, [part["text"] for part in rest]] == [seen[1][0], ["One moment"]]
    assert "rude" not in heard
    assert "seq" not in first
    for path, body in ((f"/conversations/{key}/read", {"part": note_key}),):
        assert (await browser.ask("POST", path, body)).status_code == 404
    assert (await browser.ask("GET", f"/conversations/{key}/parts", params={"after": note_key})).status_code == 422


@pytest.mark.parametrize("way", ["hmac", "jwt"])
async def test_a_stranger_becomes_the_user_whom_the_site_vouches_for(server: RunningServer, way: str) -> None:
    browser = await a_browser(server)
    key, stranger = await browser.begin("Hello"), browser.session
    proof = (
        signed("Cora@Example.org", name="Cora")
        if way == "hmac"
        else {"jwt": site_jwt({"email": "Cora@Example.org", "name": "Cora"})}
    )

    opened = (await browser.open(**proof)).json()
    elsewhere = await a_browser(server, **proof)

    assert (opened["person"]["kind"], opened["person"]["name"]) == ("user", "Cora")
    assert opened["person"]["email"] == "cora@example.org"
    assert [part["text"] for part in await elsewhere.parts(key)] == ["Hello"]
    shown = (await server.call("GET", f"/conversations/{key}")).json()
    assert shown["main_participant"]["id"] == opened["person"]["id"]

    browser.session = stranger  # what the stranger's token opened, it opens no more
    assert (await browser.ask("GET", f"/conversations/{key}/parts")).status_code == 404
    assert (await browser.ask("GET", "/conversations")).json()["items"] == []


async def test_a_user_who_comes_back_as_a_stranger_finds_all_of_theirs_in_one_place(server: RunningServer) -> None:
    known = await a_browser(server, **signed("cora@example.org"))
    first = await known.begin("From my laptop")
    phone = await a_browser(server)
    second = await phone.begin("From my phone")

    await phone.open(**signed("cora@example.org"))

    listed = (await phone.ask("GET", "/conversations")).json()["items"]
    assert [one["key"] for one in listed] == [second, first]
    contacts = (await server.call("GET", "/app_users")).json()["items"]
    states = sorted((one["kind"], one["subscription_state"]) for one in contacts)
    assert states == [("lead", "archived"), ("user", "passive")]
    answered = await server.call("POST", f"/conversations/{second}/parts", {"text": "Hello Cora"})
    assert answered.status_code == 201


async def test_another_user_in_the_same_browser_finds_nothing_of_the_one_before(server: RunningServer) -> None:
    browser = await a_browser(server, **signed("cora@example.org"))
    key = await browser.begin("Mine")

    await browser.open(**signed("dave@example.org"))

    assert (await browser.ask("GET", "/conversations")).json()["items"] == []
    assert (await browser.ask("GET", f"/conversations/{key}/parts")).status_code == 404


async def test_a_contact_known_from_another_channel_goes_on_in_the_messenger(server: RunningServer) -> None:
    key = await server.customer_writes("Hello from far away")
    contact = (await server.call("GET", f"/conversations/{key}")).json()["main_participant"]["id"]
    await server.call("PATCH", f"/app_users/{contact}", {"email": "cora@example.org"})

    browser = await a_browser(server, **signed("cora@example.org"))
    said = await browser.ask("POST", f"/conversations/{key}/parts", {"text": "Now from your page"})

    assert said.status_code == 201
    texts = [part["text"] for part in (await server.call("GET", f"/conversations/{key}/parts")).json()["items"]]
    assert texts == ["Hello from far away", "Now from your page"]


def _ask(unit: Unit, key: str) -> None:
    perform(unit, lock_dialogue(unit, key), [AddPart(block=ask_option("How can we help?", {"a": "Sales"}))])


async def test_a_question_is_answered_once_by_its_button(server: RunningServer) -> None:
    browser = await a_browser(server)
    key = await browser.begin("Hello")
    await server.chaskiq.store.acting(server.house.app_id).write(_ask, key)
    question = (await browser.parts(key))[-1]["key"]

    path = f"/conversations/{key}/parts/{question}/choose"
    answers = [await browser.ask("POST", path, {"option": "a"}) for _ in "ab"]
    wrong = await browser.ask("POST", path, {"option": "nonsense"})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert wrong.status_code == 422
    texts = [part["text"] for part in await browser.parts(key)]
    assert texts == ["Hello", "How can we help?", "Sales"]


async def test_a_file_is_attached_by_who_uploaded_it_alone(server: RunningServer) -> None:
    browser, thief = await a_browser(server), await a_browser(server)
    url = f"/api/v1/messenger/{server.acme.app_key}/media"
    headers = {"authorization": f"Bearer {browser.session}"}
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
    uploaded = await server.http.post(url, files={"file": ("a.png", png)}, headers=headers)
    ticket = uploaded.json()["id"]

    words = {"text": "", "attachments": [ticket], "client_id": "1"}
    stolen = await thief.ask("POST", "/conversations", words)
    begun = await browser.ask("POST", "/conversations", words)

    assert (uploaded.status_code, stolen.status_code, begun.status_code) == (201, 403, 201)
    [attachment] = begun.json()["part"]["attachments"]
    assert (attachment["type"], attachment["filename"]) == ("image", "a.png")
    assert (await server.http.get(attachment["url"])).content == png


async def test_typing_is_shown_to_the_agents(server: RunningServer) -> None:
    browser = await a_browser(server)
    key = await browser.begin("Hello")
    async with cable(server.cable_url()) as client:
        await client.subscribe()
        assert (await browser.ask("POST", f"/conversations/{key}/typing")).status_code == 204
        message = (await client.hear())["message"]

    assert isinstance(message, dict)
    assert (message["type"], message["data"]["author"]["type"]) == ("conversations:typing", "app_user")


async def test_words_into_a_conversation_that_was_closed_open_it_again(server: RunningServer) -> None:
    browser = await a_browser(server)
    key = await browser.begin("Hello")
    await server.house.ann.write(desk.close, key)

    await browser.ask("POST", f"/conversations/{key}/parts", {"text": "One more thing"})

    assert (await server.call("GET", f"/conversations/{key}")).json()["state"] == "opened"
