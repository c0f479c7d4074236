"""Business accounts: a bot writes for somebody, whose own messages it gets too."""

import pytest

from chaskiq_core.testing.sandbox import Json, object_at
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver

pytestmark = pytest.mark.anyio

BOT = f"/sandbox/bots/{TOKEN}"


async def a_connection(client: CustomerClient, **more: Json) -> str:
    made = await client.post(f"{BOT}/business", {"owner": {"id": LEO, "first_name": "Leo"}, **more})
    return str(object_at(made, "business_connection")["id"])


async def test_customer_and_owner_are_both_heard(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url="http://hook/hook")
    connection = await a_connection(client)
    await receiver.wait_for(1)

    await client.write("hi", business_connection_id=connection)
    await client.write("hello, I am Leo", sender=LEO, chat_id=MAYA, business_connection_id=connection)

    updates = [each.update for each in await receiver.wait_for(3)]
    messages = [object_at(update, "business_message") for update in updates[1:]]
    assert object_at(updates[0], "business_connection")["is_enabled"] is True
    assert [object_at(message, "from")["id"] for message in messages] == [MAYA, LEO]
    assert {object_at(message, "chat")["id"] for message in messages} == {MAYA}
    assert {message["business_connection_id"] for message in messages} == {connection}


async def test_a_bot_writes_for_the_owner_in_a_chat_of_their_own(client: CustomerClient) -> None:
    connection = await a_connection(client)
    await client.write("to the bot")
    await client.write("to Leo", business_connection_id=connection)

    sent = await client.result("sendMessage", chat_id=MAYA, text="for Leo", business_connection_id=connection)

    shown = await client.conversation(business_connection_id=connection)
    assert object_at(sent, "from")["id"] == LEO
    assert object_at(sent, "sender_business_bot")["id"] == 7700112233
    assert [each["text"] for each in shown] == ["to Leo", "for Leo"]
    assert [each["text"] for each in await client.conversation()] == ["to the bot"]


async def test_the_owner_sees_all_chats_of_the_account(client: CustomerClient) -> None:
    connection = await a_connection(client)
    await client.write("hi", business_connection_id=connection)

    chats = await client.get(f"{BOT}/chats", business_connection_id=connection, **{"as": LEO})

    assert [object_at({"chat": each}, "chat")["chat_id"] for each in _list(chats["chats"])] == [MAYA]


async def test_a_deleted_message_is_told(client: CustomerClient, receiver: Receiver) -> None:
    await client.call("setWebhook", url="http://hook/hook", allowed_updates=["deleted_business_messages"])
    connection = await a_connection(client)
    written = await client.write("oops", business_connection_id=connection)

    await client.post(
        f"{BOT}/chats/{MAYA}/messages/{written['message_id']}/delete",
        {"from": {"id": MAYA}, "business_connection_id": connection},
    )

    [delivered] = await receiver.wait_for(1)
    assert object_at(delivered.update, "deleted_business_messages")["message_ids"] == [written["message_id"]]


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"is_enabled": False}, "Bad Request: BUSINESS_CONNECTION_INVALID"),
        (
            {"can_reply": False},
            "Bad Request: not enough rights to send messages on behalf of the business account",
        ),
    ],
)
async def test_what_the_owner_does_not_allow_is_refused(
    client: CustomerClient, change: dict[str, Json], description: str
) -> None:
    connection = await a_connection(client)
    await client.write("hi", business_connection_id=connection)
    await a_connection(client, id=connection, **change)

    response = await client.call("sendMessage", chat_id=MAYA, text="x", business_connection_id=connection)

    assert response.json()["description"] == description


async def test_an_unknown_connection_is_refused(client: CustomerClient) -> None:
    response = await client.call("sendMessage", chat_id=MAYA, text="x", business_connection_id="nothing")

    assert response.json()["description"] == "Bad Request: business connection not found"


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
