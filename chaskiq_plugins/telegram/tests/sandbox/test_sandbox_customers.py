"""Acting as a customer: writing, replying, blocking, raw updates, resetting."""

import json

import anyio
import pytest

from chaskiq_core.testing.sandbox import JsonObject, object_at
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver

pytestmark = pytest.mark.anyio

BOT = f"/sandbox/bots/{TOKEN}"


async def test_a_message_is_shaped_as_telegrams(client: CustomerClient) -> None:
    sender: JsonObject = {"id": MAYA, "first_name": "Maya", "last_name": "Okafor", "language_code": "en"}

    written = await client.post(f"{BOT}/messages", {"from": sender, "text": "/start ref_8f3a"})

    message = object_at(written, "message")
    assert isinstance(message.pop("date"), int)
    assert isinstance(written["update_id"], int)
    assert message == {
        "message_id": written["message_id"],
        "from": {"id": MAYA, "is_bot": False, "first_name": "Maya", "last_name": "Okafor", "language_code": "en"},
        "chat": {"id": MAYA, "first_name": "Maya", "last_name": "Okafor", "type": "private"},
        "text": "/start ref_8f3a",
        "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
    }


async def test_a_person_is_remembered(client: CustomerClient) -> None:
    await client.write("hi")

    again = await client.post(f"{BOT}/messages", {"from": {"id": MAYA}, "text": "again"})

    assert object_at(again, "message", "from")["first_name"] == "Maya"


async def test_the_conversation_has_both_sides_in_order(client: CustomerClient) -> None:
    asked = await client.write("hi")
    answered = await client.result(
        "sendMessage", chat_id=MAYA, text="yes?", reply_parameters={"message_id": asked["message_id"]}
    )
    await client.write("no", reply_to=answered["message_id"])

    messages = await client.conversation()

    assert [(each["direction"], each["text"], each["reply_to"]) for each in messages] == [
        ("customer", "hi", None),
        ("bot", "yes?", asked["message_id"]),
        ("customer", "no", answered["message_id"]),
    ]
    assert set(messages[1]) >= {"message_id", "from", "date", "text", "entities", "reply_to", "direction"}
    assert isinstance(asked["message_id"], int)
    assert await client.conversation(after=asked["message_id"]) == messages[1:]


async def test_a_look_can_wait_for_the_bot(client: CustomerClient) -> None:
    asked = await client.write("hi")
    assert isinstance(asked["message_id"], int)
    seen: list[JsonObject] = []

    async def look(after: int) -> None:
        seen.extend(await client.conversation(after=after, wait=5))

    with anyio.fail_after(4):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look, asked["message_id"])
            await anyio.lowlevel.checkpoint()
            await client.result("sendMessage", chat_id=MAYA, text="hello")

    assert [each["text"] for each in seen] == ["hello"]


async def test_blocking_is_told_once_each_way(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url="http://hook/hook")
    await client.write("hi")

    blocked = await client.post(f"{BOT}/chats/{MAYA}/block")
    repeated = await client.post(f"{BOT}/chats/{MAYA}/block")
    refused = await client.http.post(f"{BOT}/messages", json={"from": {"id": MAYA}, "text": "x"})
    unblocked = await client.post(f"{BOT}/chats/{MAYA}/unblock")

    changes = [each.update for each in (await receiver.wait_for(3))[1:]]
    assert repeated["update_id"] is None
    assert refused.status_code == 409
    assert [change["update_id"] for change in changes] == [blocked["update_id"], unblocked["update_id"]]
    statuses = [
        (object_at(each, "my_chat_member", "old_chat_member"), object_at(each, "my_chat_member", "new_chat_member"))
        for each in changes
    ]
    assert [(old["status"], new["status"]) for old, new in statuses] == [("member", "kicked"), ("kicked", "member")]
    assert (await client.call("sendMessage", chat_id=MAYA, text="back")).status_code == 200


async def test_a_raw_update_arrives_as_it_is_and_makes_its_chat_known(
    client: CustomerClient, receiver: Receiver
) -> None:
    await client.call("setWebhook", url="http://hook/hook")
    message: JsonObject = {
        "message_id": 70,
        "from": {"id": MAYA, "is_bot": False, "first_name": "Maya"},
        "chat": {"id": -4190223817, "title": "Project Kiln", "type": "group"},
        "date": 1784014995,
        "text": "hello all",
    }

    numbered = await client.post(f"{BOT}/updates", {"update_id": 318400165, "message": message})
    unnumbered = await client.post(f"{BOT}/updates", {"anything": {"at": "all"}})

    received = await receiver.wait_for(2)
    answer = await client.result("sendMessage", chat_id=-4190223817, text="hello", reply_to_message_id=70)
    assert {"update_id": 318400165, "message": message} in [each.update for each in received]
    assert {"update_id": unnumbered["update_id"], "anything": {"at": "all"}} in [each.update for each in received]
    assert numbered["update_id"] == 318400165
    assert answer["message_id"] == 71
    assert [each["text"] for each in await client.conversation(-4190223817)] == ["hello all", "hello"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{BOT}/messages", {"from": {"id": MAYA}, "text": ""}, 422),
        (f"{BOT}/messages", {"from": {"id": MAYA}, "text": "x" * 4097}, 422),
        (f"{BOT}/messages", {"from": {"id": MAYA}, "text": "x", "reply_to": 3}, 404),
        (f"{BOT}/messages", {"from": {}, "text": "x"}, 422),
        (f"{BOT}/messages", {"from": {"id": MAYA}, "txt": "x"}, 422),
        (f"{BOT}/chats/{MAYA}/block", {}, 404),
        ("/sandbox/bots/nonsense/messages", {"from": {"id": MAYA}, "text": "x"}, 404),
        (f"{BOT}/chats/maya/block", {}, 404),
        ("/sandbox/bots", {"token": "nonsense"}, 422),
        ("/sandbox/faults", {"kind": "earthquake"}, 422),
        (f"{BOT}/updates", [], 422),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(
    client: CustomerClient, path: str, body: object, status: int
) -> None:
    response = await client.http.post(path, content=json.dumps(body))

    assert response.status_code == status
    assert response.json()["error"]


async def test_reset_forgets_everything_but_the_counters(client: CustomerClient) -> None:
    before = await client.write("hi")
    await client.fault(kind=500)
    await client.call("setWebhook", url="http://hook/hook")

    await client.post("/sandbox/reset")

    assert await client.calls() == []
    assert await client.conversation() == []
    assert (await client.get("/sandbox/faults"))["faults"] == []
    assert (await client.result("getWebhookInfo"))["url"] == ""
    after = await client.write("hi")
    assert [after["update_id"], after["message_id"]] == [_next(before["update_id"]), _next(before["message_id"])]


def _next(value: object) -> int:
    assert isinstance(value, int)
    return value + 1
