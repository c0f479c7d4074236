"""What the Bot API takes: every way to pass parameters, and the message that comes of it."""

import json

import pytest

from chaskiq_core.testing.sandbox import object_at
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_telegram.sandbox import TelegramSandbox

pytestmark = pytest.mark.anyio


async def test_the_message_has_plain_text_and_utf16_entities(sandbox: TelegramSandbox, client: CustomerClient) -> None:
    sandbox.add_bot(TOKEN, first_name="Acme Help", username="acme_helpdesk_bot")
    asked = await client.write("hi")

    sent = await client.result("sendMessage", chat_id=MAYA, text=" 🎉 <b>Done</b> ", parse_mode="HTML")

    assert isinstance(asked["message_id"], int)
    assert isinstance(sent.pop("date"), int)
    assert sent == {
        "message_id": asked["message_id"] + 1,
        "from": {"id": 7700112233, "is_bot": True, "first_name": "Acme Help", "username": "acme_helpdesk_bot"},
        "chat": {"id": MAYA, "first_name": "Maya", "type": "private"},
        "text": "🎉 Done",
        "entities": [{"offset": 3, "length": 4, "type": "bold"}],
    }


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json"])
async def test_parameters_come_in_every_way(client: CustomerClient, way: str) -> None:
    asked = await client.write("hi")
    reply = {"message_id": asked["message_id"]}
    nested = {"chat_id": str(MAYA), "text": "ok & well", "reply_parameters": json.dumps(reply)}
    path = f"/bot{TOKEN}/SENDMESSAGE"

    match way:
        case "query":
            response = await client.http.get(path, params=nested)
        case "form":
            response = await client.http.post(path, data=nested)
        case "multipart":
            response = await client.http.post(path, data=nested, files={"photo": ("a.png", b"12345")})
        case _:
            response = await client.http.post(
                path, json={"chat_id": MAYA, "text": "ok & well", "reply_parameters": reply}
            )

    assert response.json()["result"]["text"] == "ok & well"
    assert response.json()["result"]["reply_to_message"]["text"] == "hi"


async def test_a_reply_shows_the_message_it_answers_without_its_own(client: CustomerClient) -> None:
    asked = await client.write("hi")
    first = await client.result(
        "sendMessage", chat_id=MAYA, text="one", reply_parameters={"message_id": asked["message_id"]}
    )

    second = await client.result(
        "sendMessage", chat_id=MAYA, text="two", reply_parameters={"message_id": first["message_id"]}
    )

    assert object_at(second, "reply_to_message")["text"] == "one"
    assert "reply_to_message" not in object_at(second, "reply_to_message")


async def test_a_reply_to_nothing_may_be_allowed(client: CustomerClient) -> None:
    await client.write("hi")

    sent = await client.result(
        "sendMessage",
        chat_id=MAYA,
        text="x",
        reply_parameters={"message_id": 1, "allow_sending_without_reply": True},
    )

    assert "reply_to_message" not in sent


@pytest.mark.parametrize("text", ["x" * 4096, "😀" * 4096, "<b>" + "é" * 4096 + "</b>", "&amp;" * 4096])
async def test_4096_code_points_after_parsing_are_taken(client: CustomerClient, text: str) -> None:
    await client.write("hi")

    sent = await client.result("sendMessage", chat_id=MAYA, text=text, parse_mode="HTML")

    assert len(str(sent["text"])) == 4096


async def test_an_inline_keyboard_stays_on_the_message(client: CustomerClient) -> None:
    await client.write("hi")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "é" * 32}], []]}

    response = await client.call("sendMessage", chat_id=MAYA, text="Well?", reply_markup=json.dumps(keyboard))

    assert response.json()["result"]["reply_markup"] == {"inline_keyboard": keyboard["inline_keyboard"][:1]}


async def test_given_entities_are_kept_and_unknown_people_dropped(client: CustomerClient) -> None:
    await client.write("hi")
    mentions = '<a href="tg://user?id=1">Nobody</a> and <a href="tg://user?id=5512093347">Maya</a>'

    given = await client.result(
        "sendMessage", chat_id=MAYA, text="abc", entities=[{"type": "bold", "offset": 1, "length": 1}]
    )
    mentioning = await client.result("sendMessage", chat_id=MAYA, text=mentions, parse_mode="HTML")

    assert given["entities"] == [{"type": "bold", "offset": 1, "length": 1}]
    assert mentioning["entities"] == [
        {
            "type": "text_mention",
            "offset": 11,
            "length": 4,
            "user": {"id": MAYA, "is_bot": False, "first_name": "Maya"},
        }
    ]


async def test_calls_are_logged_in_order_without_secrets(client: CustomerClient) -> None:
    await client.write("hi")
    sent = await client.result("sendMessage", chat_id=MAYA, text="one")
    await client.call("sendMessage", chat_id=MAYA, text="")
    await client.call("setWebhook", url="http://hook/hook", secret_token="very-secret")

    calls = await client.calls()

    assert [(call["method"], call["accepted"], call["message_ids"]) for call in calls] == [
        ("sendMessage", True, [sent["message_id"]]),
        ("sendMessage", False, []),
        ("setWebhook", True, []),
    ]
    assert object_at(calls[0], "parameters") == {"chat_id": MAYA, "text": "one"}
    assert object_at(calls[1], "outcome")["description"] == "Bad Request: message text is empty"
    assert "very-secret" not in json.dumps(calls)
    assert TOKEN not in json.dumps(calls)
    assert await client.calls(method="sendmessage", accepted="true") == calls[:1]
    assert await client.calls(after=str(calls[1]["id"])) == calls[2:]
