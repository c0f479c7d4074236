"""Groups, forums and several people: who comes and goes, where bots may write, what an upgrade breaks."""

import pytest

from chaskiq_core.testing.sandbox import Json, JsonObject, object_at
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver

pytestmark = pytest.mark.anyio

GROUPS = f"/sandbox/bots/{TOKEN}/groups"
BOT_ID = 7700112233
ALL_KINDS: list[Json] = ["message", "my_chat_member", "chat_member", "message_reaction"]


async def a_group(client: CustomerClient, **more: Json) -> int:
    members: list[Json] = [{"id": MAYA, "first_name": "Maya"}, {"id": LEO, "first_name": "Leo"}]
    made = await client.post(GROUPS, {"title": "Kiln club", "members": members, **more})
    return int(str(made["chat_id"]))


async def heard(client: CustomerClient, receiver: Receiver, count: int) -> list[JsonObject]:
    await client.call("setWebhook", url="http://hook/hook", allowed_updates=ALL_KINDS)
    return [each.update for each in await receiver.wait_for(count)]


async def test_a_bot_that_joins_is_told_twice(client: CustomerClient, receiver: Receiver) -> None:
    chat_id = await a_group(client, bot="administrator")

    updates = await heard(client, receiver, 2)

    change = next(object_at(each, "my_chat_member") for each in updates if "my_chat_member" in each)
    joined = next(object_at(each, "message") for each in updates if "message" in each)
    assert [object_at(change, which)["status"] for which in ("old_chat_member", "new_chat_member")] == [
        "left",
        "administrator",
    ]
    assert object_at(joined, "chat") == {"id": chat_id, "title": "Kiln club", "type": "group"}
    assert [each["id"] for each in _objects(joined["new_chat_members"])] == [BOT_ID]


async def test_people_write_come_and_go(client: CustomerClient, receiver: Receiver) -> None:
    chat_id = await a_group(client)
    await client.write("hello", sender=LEO, chat_id=chat_id)
    await client.post(f"{GROUPS}/{chat_id}/join", {"person": {"id": 61, "first_name": "Ann"}, "from": {"id": LEO}})
    await client.post(f"{GROUPS}/{chat_id}/leave", {"person": {"id": 61}})

    updates = await heard(client, receiver, 5)

    messages = [object_at(each, "message") for each in updates if "message" in each]
    assert [message.get("text") for message in messages] == [None, "hello", None, None]
    assert object_at(messages[2], "from")["id"] == LEO
    assert object_at(messages[2], "new_chat_member")["first_name"] == "Ann"
    assert object_at(messages[3], "left_chat_member")["id"] == 61
    refused = await client.http.post(
        f"/sandbox/bots/{TOKEN}/messages", json={"from": {"id": 61}, "chat_id": chat_id, "text": "still here"}
    )
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("kind", "status", "description"),
    [
        ("group", "left", "Forbidden: bot is not a member of the group chat"),
        ("group", "kicked", "Forbidden: bot was kicked from the group chat"),
        ("supergroup", "left", "Forbidden: bot is not a member of the supergroup chat"),
        ("supergroup", "kicked", "Forbidden: bot was kicked from the supergroup chat"),
    ],
)
async def test_a_bot_that_is_outside_cannot_write(
    client: CustomerClient, kind: str, status: str, description: str
) -> None:
    chat_id = await a_group(client, type=kind)
    await client.post(f"{GROUPS}/{chat_id}/bot", {"status": status, "from": {"id": MAYA}})

    response = await client.call("sendMessage", chat_id=chat_id, text="x")

    assert (response.status_code, response.json()["description"]) == (403, description)
    assert (await client.write("unheard", chat_id=chat_id))["update_id"] is None


async def test_a_topic_shows_in_every_message_of_it(client: CustomerClient) -> None:
    chat_id = await a_group(client, is_forum=True)
    topic = await client.post(f"{GROUPS}/{chat_id}/topics", {"name": "Glazes", "from": {"id": MAYA}})

    asked = await client.write("which one?", chat_id=chat_id, thread_id=topic["thread_id"])
    answered = await client.result(
        "sendMessage", chat_id=chat_id, text="this one", message_thread_id=topic["thread_id"]
    )

    for message in (object_at(asked, "message"), answered):
        assert message["message_thread_id"] == topic["thread_id"]
        assert message["is_topic_message"] is True
        assert object_at(message, "reply_to_message", "forum_topic_created")["name"] == "Glazes"
    shown = await client.conversation(chat_id, thread=int(str(topic["thread_id"])))
    assert [(each["kind"], each["reply_to"]) for each in shown] == [
        ("forum_topic_created", None),
        ("text", None),
        ("text", None),
    ]


async def test_a_closed_topic_is_closed_to_all_but_administrators(client: CustomerClient) -> None:
    chat_id = await a_group(client, is_forum=True)
    topic = await client.post(f"{GROUPS}/{chat_id}/topics", {"name": "Glazes", "from": {"id": MAYA}})
    place: JsonObject = {"chat_id": chat_id, "text": "x", "message_thread_id": topic["thread_id"]}

    await client.post(f"{GROUPS}/{chat_id}/topics/{topic['thread_id']}/close")
    closed = await client.call("sendMessage", **place)
    await client.post(f"{GROUPS}/{chat_id}/bot", {"status": "administrator", "from": {"id": MAYA}})
    promoted = await client.call("sendMessage", **place)

    assert closed.json()["description"] == "Bad Request: TOPIC_CLOSED"
    assert promoted.status_code == 200


async def test_an_unknown_topic_is_refused(client: CustomerClient) -> None:
    chat_id = await a_group(client, is_forum=True)

    response = await client.call("sendMessage", chat_id=chat_id, text="x", message_thread_id=999)

    assert response.json()["description"] == "Bad Request: message thread not found"


async def test_an_upgraded_group_lives_on_elsewhere(client: CustomerClient, receiver: Receiver) -> None:
    chat_id = await a_group(client)
    moved = await client.post(f"{GROUPS}/{chat_id}/migrate")

    old = await client.call("sendMessage", chat_id=chat_id, text="x")
    new = await client.result("sendMessage", chat_id=moved["chat_id"], text="x")

    assert old.status_code == 400
    assert old.json()["parameters"] == {"migrate_to_chat_id": moved["chat_id"]}
    assert object_at(new, "chat")["type"] == "supergroup"
    messages = [object_at(each, "message") for each in await heard(client, receiver, 4)]
    assert moved["chat_id"] in [message.get("migrate_to_chat_id") for message in messages]
    assert chat_id in [message.get("migrate_from_chat_id") for message in messages]
    assert object_at(await client.write("here", chat_id=moved["chat_id"]), "message")["text"] == "here"


@pytest.mark.parametrize(("status", "is_told"), [("member", False), ("administrator", True)])
async def test_a_group_tells_reactions_to_administrators(client: CustomerClient, status: str, is_told: bool) -> None:
    chat_id = await a_group(client, bot=status)
    await client.call("setWebhook", url="http://hook/hook", allowed_updates=ALL_KINDS)
    written = await client.write("hi", chat_id=chat_id)

    react = f"/sandbox/bots/{TOKEN}/chats/{chat_id}/messages/{written['message_id']}/react"
    reacted = await client.post(react, {"from": {"id": LEO}, "emoji": ["👍"]})

    assert (reacted["update_id"] is not None) is is_told


async def test_members_can_be_asked_for(client: CustomerClient) -> None:
    chat_id = await a_group(client)

    creator = await client.result("getChatMember", chat_id=chat_id, user_id=MAYA)
    count = (await client.call("getChatMemberCount", chat_id=chat_id)).json()["result"]
    stranger = await client.call("getChatMember", chat_id=chat_id, user_id=999)

    assert (creator["status"], count) == ("creator", 3)
    assert stranger.json()["description"] == "Bad Request: PARTICIPANT_ID_INVALID"


def _objects(value: Json) -> list[JsonObject]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]
