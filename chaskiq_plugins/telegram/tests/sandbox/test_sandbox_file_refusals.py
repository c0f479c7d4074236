"""What Telegram refuses of files, captions, edits, deletions and answers, with its words; and how files come by URL."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_plugins.telegram.tests.sandbox import pictures
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN, CustomerClient
from chaskiq_telegram.sandbox import TelegramSandbox, app_of, running_sandbox

pytestmark = pytest.mark.anyio

PHOTO = pictures.png(20, 20)
MEGABYTE = 1024 * 1024


async def upload(client: CustomerClient, method: str, part: str, content: bytes, **parameters: Json) -> httpx.Response:
    shown = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
    data = {"chat_id": str(MAYA), **shown}
    return await client.http.post(f"/bot{TOKEN}/{method}", data=data, files={part: ("file.bin", content)})


UPLOADS: list[tuple[str, str, bytes, JsonObject, str]] = [
    ("sendPhoto", "photo", b"", {}, "file must be non-empty"),
    ("sendPhoto", "photo", pictures.PDF, {}, "IMAGE_PROCESS_FAILED"),
    ("sendPhoto", "photo", pictures.jpeg(9000, 2000), {}, "PHOTO_INVALID_DIMENSIONS"),
    ("sendPhoto", "photo", pictures.jpeg(2100, 100), {}, "PHOTO_INVALID_DIMENSIONS"),
    ("sendPhoto", "photo", PHOTO + b"\x00" * (10 * MEGABYTE), {}, "file is too big"),
    ("sendPhoto", "photo", PHOTO, {"caption": "x" * 1025}, "message caption is too long"),
    (
        "sendPhoto",
        "photo",
        PHOTO,
        {"caption": "<p>x", "parse_mode": "HTML"},
        'can\'t parse entities: Unsupported start tag "p" at byte offset 0',
    ),
    ("sendDocument", "other", PHOTO, {}, "there is no document in the request"),
    ("sendDocument", "other", PHOTO, {"document": "attach://missing"}, "attached file 'missing' not found"),
    ("sendDocument", "other", PHOTO, {"document": "nonsense"}, "wrong file identifier/HTTP URL specified"),
]


@pytest.mark.parametrize(("method", "part", "content", "parameters", "reason"), UPLOADS)
async def test_a_file_is_refused_as_telegram_refuses_it(
    client: CustomerClient, method: str, part: str, content: bytes, parameters: JsonObject, reason: str
) -> None:
    await client.write("hi")

    response = await upload(client, method, part, content, **parameters)

    assert (response.status_code, response.json()["description"]) == (400, f"Bad Request: {reason}")
    assert len(await client.conversation()) == 1


async def test_an_upload_above_the_limit_is_too_large(client: CustomerClient) -> None:
    await client.write("hi")

    response = await upload(client, "sendDocument", "document", bytes(50 * MEGABYTE + 1))

    assert response.status_code == 413


async def test_a_large_file_is_sent_but_not_given_back(client: CustomerClient) -> None:
    await client.write("hi")
    sent = await upload(client, "sendDocument", "document", bytes(20 * MEGABYTE + 1))

    response = await client.call("getFile", file_id=sent.json()["result"]["document"]["file_id"])

    assert response.json()["description"] == "Bad Request: file is too big"


async def test_a_broken_form_is_refused(client: CustomerClient) -> None:
    response = await client.http.post(
        f"/bot{TOKEN}/sendPhoto", content=b"--nothing", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )

    assert response.status_code == 400
    assert response.json()["description"].startswith("Bad Request: can't parse the request's body")


async def test_a_file_of_another_bot_is_unknown(client: CustomerClient) -> None:
    await client.write("hi")
    sent = (await upload(client, "sendDocument", "document", pictures.PDF)).json()["result"]["document"]
    other = "8800112233:AAGotherOTHERotherOTHERotherOTHERothe"

    response = await client.http.get(f"/bot{other}/getFile", params={"file_id": sent["file_id"]})

    assert response.json()["description"] == "Bad Request: wrong file_id or the file is temporarily unavailable"


async def test_a_link_is_good_for_an_hour() -> None:
    clock = [1_784_012_450.0]
    sandbox = TelegramSandbox(now=lambda: clock[0])
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        client = CustomerClient(http)
        await client.write("hi")
        sent = (await upload(client, "sendDocument", "document", pictures.PDF)).json()["result"]["document"]
        file = await client.result("getFile", file_id=sent["file_id"])

        statuses = []
        for _ in range(2):
            statuses.append((await http.get(f"/file/bot{TOKEN}/{file['file_path']}")).status_code)
            clock[0] += 3601

    assert statuses == [200, 404]


async def test_a_file_comes_by_url(client: CustomerClient) -> None:
    await client.write("hi")
    async with running_sandbox() as url, httpx.AsyncClient(base_url=url) as http:
        there = CustomerClient(http)
        await there.write("hi")
        sent = (await upload(there, "sendPhoto", "photo", PHOTO)).json()["result"]["photo"][-1]
        path = (await there.result("getFile", file_id=sent["file_id"]))["file_path"]

        photo = await client.call("sendPhoto", chat_id=MAYA, photo=f"{url}/file/bot{TOKEN}/{path}")
        missing = await client.call("sendPhoto", chat_id=MAYA, photo=f"{url}/nothing")
        page = await client.call("sendDocument", chat_id=MAYA, document=f"{url}/phone")

    assert photo.json()["result"]["photo"][-1]["width"] == 20
    assert missing.json()["description"] == "Bad Request: failed to get HTTP URL content"
    assert page.json()["description"] == "Bad Request: wrong type of the web page content"


CALLS: list[tuple[str, JsonObject, str]] = [
    ("editMessageText", {"message_id": 1, "text": "x"}, "message to edit not found"),
    ("editMessageText", {"message_id": "asked", "text": "x"}, "message can't be edited"),
    ("editMessageText", {"message_id": "photo", "text": "x"}, "there is no text in the message to edit"),
    ("editMessageText", {"message_id": "text", "text": ""}, "message text is empty"),
    ("editMessageText", {"text": "x"}, "message identifier is not specified"),
    ("editMessageCaption", {"message_id": "text", "caption": "x"}, "there is no caption in the message to edit"),
    ("editMessageCaption", {"message_id": "photo", "caption": "x" * 1025}, "message caption is too long"),
    ("deleteMessage", {"message_id": 1}, "message to delete not found"),
    ("deleteMessages", {"message_ids": list(range(1, 102))}, "too many message identifiers specified"),
    ("setMessageReaction", {"message_id": 1, "reaction": []}, "message to react not found"),
    ("forwardMessage", {"message_id": 1, "from_chat_id": MAYA}, "message to forward not found"),
    ("copyMessage", {"message_id": 1, "from_chat_id": MAYA}, "message to copy not found"),
    (
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        "query is too old and response timeout expired or query ID is invalid",
    ),
    ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
    ("sendMediaGroup", {"media": []}, "there are no messages to send"),
    ("sendPoll", {"question": "?", "options": ["x" * 101]}, "poll options length must not exceed 100"),
    ("sendLocation", {"latitude": 91, "longitude": 0}, "wrong location specified"),
    ("getUserProfilePhotos", {"user_id": 999}, "user not found"),
]


@pytest.mark.parametrize(("method", "parameters", "reason"), CALLS)
async def test_a_call_is_refused_as_telegram_refuses_it(
    client: CustomerClient, method: str, parameters: JsonObject, reason: str
) -> None:
    asked = await client.write("hi")
    text = await client.result("sendMessage", chat_id=MAYA, text="x")
    photo = (await upload(client, "sendPhoto", "photo", PHOTO)).json()["result"]
    names: JsonObject = {"asked": asked["message_id"], "text": text["message_id"], "photo": photo["message_id"]}

    given: JsonObject = {
        key: names.get(str(value), value) if key == "message_id" else value for key, value in parameters.items()
    }
    response = await client.call(method, chat_id=MAYA, **given)

    assert (response.status_code, response.json()["description"]) == (400, f"Bad Request: {reason}")


async def test_an_answer_that_comes_too_late_is_refused() -> None:
    clock = [1_784_012_450.0]
    sandbox = TelegramSandbox(now=lambda: clock[0])
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        client = CustomerClient(http)
        button: JsonObject = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
        asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="Well?", reply_markup=button)
        press = f"/sandbox/bots/{TOKEN}/chats/{MAYA}/messages/{asked['message_id']}/press"
        pressed = await client.post(press, {"from": {"id": MAYA}, "data": "y"})
        clock[0] += 151

        response = await client.call("answerCallbackQuery", callback_query_id=pressed["callback_query_id"])

    assert response.json()["description"].startswith("Bad Request: query is too old")


async def test_an_old_message_is_deleted_no_more() -> None:
    clock = [1_784_012_450.0]
    sandbox = TelegramSandbox(now=lambda: clock[0])
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        client = CustomerClient(http)
        sent = await client.result_after_hi("sendMessage", chat_id=MAYA, text="x")
        clock[0] += 48 * 3600

        response = await client.call("deleteMessage", chat_id=MAYA, message_id=sent["message_id"])

    assert response.json()["description"] == "Bad Request: message can't be deleted for everyone"


async def test_a_group_takes_twenty_messages_a_minute() -> None:
    clock = [1_784_012_450.0]
    sandbox = TelegramSandbox(now=lambda: clock[0], enforce_limits=True)
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        client = CustomerClient(http)
        group = await client.post(f"/sandbox/bots/{TOKEN}/groups", {"title": "Club", "members": [{"id": LEO}]})
        statuses = []
        for _ in range(30):
            statuses.append((await client.call("sendMessage", chat_id=group["chat_id"], text="x")).status_code)
            clock[0] += 1

    # twenty, and one more for each three seconds that passed
    assert statuses == [200] * 29 + [429]


@asynccontextmanager
async def started(path: Path) -> AsyncIterator[CustomerClient]:
    """A sandbox in this file, for the length of the block."""
    sandbox = TelegramSandbox(path)
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        yield CustomerClient(http)


def folders(path: Path) -> list[str]:
    return [entry.name for entry in path.iterdir() if entry.is_dir()]


async def test_files_outlive_a_restart_beside_the_database(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    async with started(path) as client:
        await client.write("hi")
        sent = (await upload(client, "sendDocument", "document", pictures.PDF)).json()["result"]["document"]

    async with started(path) as client:
        file = await client.result("getFile", file_id=sent["file_id"])
        fetched = await client.http.get(f"/file/bot{TOKEN}/{file['file_path']}")

    assert fetched.content == pictures.PDF
    assert folders(tmp_path) == ["sandbox.sqlite3.files"]
    assert folders(tmp_path / "sandbox.sqlite3.files") == []


async def test_a_folder_that_was_only_lent_goes_with_the_sandbox() -> None:
    sandbox = TelegramSandbox()
    async with (
        sandbox.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http,
    ):
        client = CustomerClient(http)
        await client.write("hi")
        await upload(client, "sendDocument", "document", pictures.PDF)
        folder = sandbox.files.folder()

        assert len(list(folder.iterdir())) == 1

    assert not folder.exists()
