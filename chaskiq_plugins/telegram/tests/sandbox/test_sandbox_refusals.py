"""Every refusal of the Bot API, with its status and Telegram's words."""

import json

import pytest

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN, CustomerClient
from chaskiq_telegram.sandbox import TelegramSandbox

pytestmark = pytest.mark.anyio

STRANGER = 999_000_111
BUTTON: JsonObject = {"text": "Yes", "callback_data": "x"}


def keyboard(*buttons: Json) -> JsonObject:
    return {"inline_keyboard": [list(buttons)]}


SEND_MESSAGE: list[tuple[JsonObject, int, str]] = [
    ({}, 400, "Bad Request: message text is empty"),
    ({"text": ""}, 400, "Bad Request: message text is empty"),
    ({"text": " \n\r\u202e "}, 400, "Bad Request: text must be non-empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, 400, "Bad Request: text must be non-empty"),
    ({"text": "x" * 4097}, 400, "Bad Request: message is too long"),
    ({"text": "😀" * 4097}, 400, "Bad Request: message is too long"),
    ({"text": "x" * 32_769}, 400, "Bad Request: text is too long"),
    ({"text": "\ud800"}, 400, "Bad Request: strings must be encoded in UTF-8"),
    (
        {"text": "<p>x</p>", "parse_mode": "html"},
        400,
        'Bad Request: can\'t parse entities: Unsupported start tag "p" at byte offset 0',
    ),
    ({"text": "x", "parse_mode": "MarkdownV2"}, 400, "Bad Request: unsupported parse_mode"),
    ({"text": "x", "entities": "[1"}, 400, "Bad Request: can't parse message entities JSON object"),
    ({"text": "x", "entities": [3]}, 400, "Bad Request: can't parse MessageEntity: an Object expected"),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        400,
        "Bad Request: entity beginning or end is out of the text",
    ),
    ({"text": "x", "chat_id": ""}, 400, "Bad Request: chat_id is empty"),
    ({"text": "x", "chat_id": STRANGER}, 400, "Bad Request: chat not found"),
    ({"text": "x", "chat_id": 10**40}, 400, "Bad Request: chat not found"),
    ({"text": "x", "chat_id": "@nobody"}, 400, "Bad Request: chat not found"),
    ({"text": "x", "chat_id": LEO}, 403, "Forbidden: bot was blocked by the user"),
    ({"text": "x", "chat_id": 7700112233}, 403, "Forbidden: bot can't send messages to bots"),
    ({"text": "x", "chat_id": 61}, 403, "Forbidden: bot can't initiate conversation with a user"),
    ({"text": "x", "message_thread_id": 5}, 400, "Bad Request: message thread not found"),
    ({"text": "x", "reply_parameters": {"message_id": 1}}, 400, "Bad Request: message to be replied not found"),
    ({"text": "x", "reply_to_message_id": 1}, 400, "Bad Request: message to be replied not found"),
    ({"text": "x", "reply_parameters": "{"}, 400, "Bad Request: can't parse reply parameters JSON object"),
    (
        {"text": "x", "reply_markup": keyboard({"text": "Yes", "callback_data": "é" * 33})},
        400,
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        {"text": "x", "reply_markup": keyboard({"text": "Yes", "callback_data": ""})},
        400,
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        {"text": "x", "reply_markup": keyboard({"text": "Yes"})},
        400,
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        {"text": "x", "reply_markup": keyboard({"callback_data": "x"})},
        400,
        'Bad Request: can\'t parse inline keyboard button: Field "text" must be of type String',
    ),
    (
        {"text": "x", "reply_markup": keyboard({"text": "Go", "url": "nowhere"})},
        400,
        "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
    ),
]

SET_WEBHOOK: list[tuple[JsonObject, str]] = [
    ({"url": "ftp://example.com"}, "Bad Request: invalid webhook URL specified"),
    ({"url": "https://"}, "Bad Request: invalid webhook URL specified"),
    ({"url": "http://example.com:notaport/"}, "Bad Request: invalid webhook URL specified"),
    ({"url": "http://hook/", "secret_token": "a" * 257}, "Bad Request: secret token is too long"),
    ({"url": "http://hook/", "secret_token": "a b"}, "Bad Request: secret token contains unallowed characters"),
    ({"url": "http://hook/", "secret_token": "é"}, "Bad Request: secret token contains unallowed characters"),
]


@pytest.mark.parametrize(("parameters", "status", "description"), SEND_MESSAGE)
async def test_send_message_refuses_what_telegram_refuses(
    sandbox: TelegramSandbox, client: CustomerClient, parameters: JsonObject, status: int, description: str
) -> None:
    await client.write("hi")
    await client.write("hi", sender=LEO)
    await client.post(f"/sandbox/bots/{TOKEN}/chats/{LEO}/block")
    sandbox.state.keep_person({"id": 61, "is_bot": False, "first_name": "Ann"})

    body = json.dumps({"chat_id": MAYA, **parameters})
    response = await client.http.post(
        f"/bot{TOKEN}/sendMessage", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == status
    assert response.json() == {"ok": False, "error_code": status, "description": description}
    assert len(await client.conversation()) == 1


@pytest.mark.parametrize(("parameters", "description"), SET_WEBHOOK)
async def test_set_webhook_refuses_what_telegram_refuses(
    client: CustomerClient, parameters: JsonObject, description: str
) -> None:
    response = await client.call("setWebhook", **parameters)

    assert response.json() == {"ok": False, "error_code": 400, "description": description}
    assert (await client.result("getWebhookInfo"))["url"] == ""


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        (f"/bot{TOKEN}/sendNothing", 404, "Not Found"),
        (f"/bot{TOKEN}", 404, "Not Found"),
        ("/botnonsense/getMe", 404, "Not Found"),
        ("/bot0123456789:AAGsandboxSANDBOXsandboxSANDBOXsand/getMe", 404, "Not Found"),
        ("/elsewhere", 404, "Not Found"),
    ],
)
async def test_an_unknown_method_or_a_malformed_token_is_not_found(
    client: CustomerClient, path: str, status: int, description: str
) -> None:
    response = await client.http.get(path)

    assert response.status_code == status
    assert response.json() == {"ok": False, "error_code": status, "description": description}


async def test_a_revoked_token_is_unauthorized_and_its_bot_gets_a_new_one(client: CustomerClient) -> None:
    renewed = "7700112233:AAGrenewedRENEWEDrenewedRENEWEDrene"
    await client.result("getMe")
    usurped = await client.http.get(f"/bot{renewed}/getMe")

    await client.post(f"/sandbox/bots/{TOKEN}/revoke")

    assert usurped.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert (await client.call("getMe")).json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert (await client.http.get(f"/bot{renewed}/getMe")).json()["result"]["id"] == 7700112233


async def test_a_wrong_chat_action_is_refused(client: CustomerClient) -> None:
    await client.write("hi")

    assert (await client.call("sendChatAction", chat_id=MAYA, action="dancing")).json()["description"] == (
        "Bad Request: wrong parameter action in request"
    )
    assert (await client.call("sendChatAction", chat_id=MAYA, action="typing")).json() == {"ok": True, "result": True}


async def test_a_body_that_is_no_json_object_is_refused(client: CustomerClient) -> None:
    response = await client.http.post(
        f"/bot{TOKEN}/getMe", content=b"[1]", headers={"Content-Type": "application/json; charset=utf-8"}
    )

    assert response.json()["description"] == "Bad Request: can't parse JSON object"
