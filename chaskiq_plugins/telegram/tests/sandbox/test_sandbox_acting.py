"""What people do beside writing a text: files, answers, edits, deletions, reactions, presses; and what a page sees."""

import json

import anyio
import anyio.lowlevel
import httpx
import pytest

from chaskiq_core.testing.sandbox import Json, JsonObject, object_at
from chaskiq_plugins.telegram.tests.sandbox import pictures
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN, CustomerClient
from chaskiq_plugins.telegram.tests.sandbox.receiver import Receiver
from chaskiq_telegram.sandbox import TelegramSandbox

pytestmark = pytest.mark.anyio

BOT = f"/sandbox/bots/{TOKEN}"
MESSAGES = f"{BOT}/chats/{MAYA}/messages"
HOOK = "http://hook/hook"
KEYBOARD: JsonObject = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "Site", "url": "a.org"}]]}


def act(**more: Json) -> JsonObject:
    return {"from": {"id": MAYA}, **more}


async def send_files(client: CustomerClient, *files: tuple[str, bytes], **body: Json) -> httpx.Response:
    parts = [("file", file) for file in files]
    return await client.http.post(f"{BOT}/messages", data={"message": json.dumps(act(**body))}, files=parts)


async def listen(client: CustomerClient, *kinds: str) -> None:
    await client.call("setWebhook", url=HOOK, allowed_updates=list(kinds))


@pytest.mark.parametrize(
    ("name", "content", "body", "kind"),
    [
        ("a.png", pictures.png(40, 30), {}, "photo"),
        ("a.png", pictures.png(40, 30), {"kind": "document"}, "document"),
        ("a.gif", pictures.GIF, {}, "animation"),
        ("a.mp4", pictures.mp4(), {}, "video"),
        ("a.mp4", pictures.mp4(), {"kind": "video_note"}, "video_note"),
        ("a.mp3", pictures.MP3, {}, "audio"),
        ("a.oga", pictures.opus(), {"kind": "voice"}, "voice"),
        ("a.webp", pictures.WEBP, {"kind": "sticker", "emoji": "🙂"}, "sticker"),
        ("a.pdf", pictures.PDF, {}, "document"),
    ],
)
async def test_a_file_of_any_kind_reaches_the_bot_and_the_page(
    client: CustomerClient, name: str, content: bytes, body: JsonObject, kind: str
) -> None:
    sent = (await send_files(client, (name, content), **body)).json()

    [shown] = await client.conversation()
    file = object_at(shown, "file")
    media = sent["message"][kind]
    file_id = media[-1]["file_id"] if kind == "photo" else media["file_id"]
    path = (await client.result("getFile", file_id=file_id))["file_path"]
    assert shown["kind"] == kind
    assert (await client.http.get(str(file["url"]))).content == content
    assert (await client.http.get(f"/file/bot{TOKEN}/{path}")).content == content


async def test_several_files_are_an_album_with_one_caption(client: CustomerClient, receiver: Receiver) -> None:
    await listen(client, "message")

    response = await send_files(client, ("a.png", pictures.png(9, 9)), ("b.png", pictures.png(8, 8)), caption="Two")

    delivered = await receiver.wait_for(2)
    messages = [object_at(each.update, "message") for each in delivered]
    assert [message.get("caption") for message in messages] == ["Two", None]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message["message_id"] for message in messages] == [
        each["message_id"] for each in response.json()["messages"]
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"location": {"latitude": 59.437, "longitude": 24.7536}},
        {"contact": {"phone_number": "+372", "first_name": "Leo"}},
        {"venue": {"location": {"latitude": 1, "longitude": 2}, "title": "Hall", "address": "Square 1"}},
    ],
)
async def test_what_is_neither_text_nor_file_is_sent_as_it_is(client: CustomerClient, content: JsonObject) -> None:
    sent = await client.post(f"{BOT}/messages", act(**content))

    [kind] = content
    [shown] = await client.conversation()
    assert object_at(sent, "message")[kind] == content[kind]
    assert (shown["kind"], shown["details"]) == (kind, content[kind])


async def test_polls_and_dice_are_sent(client: CustomerClient) -> None:
    await client.post(f"{BOT}/messages", act(poll={"question": "Tea?", "options": ["Yes", "No"]}))
    await client.post(f"{BOT}/messages", act(dice="🎲"))

    assert [each["kind"] for each in await client.conversation()] == ["poll", "dice"]


async def test_a_quote_is_a_part_of_what_is_answered(client: CustomerClient) -> None:
    asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="🎉 one two three")

    sent = await client.write("this", reply_to=asked["message_id"], quote="two")
    refused = await client.http.post(f"{BOT}/messages", json=act(text="x", reply_to=asked["message_id"], quote="four"))

    assert object_at(sent, "message", "quote") == {"text": "two", "position": 7, "is_manual": True}
    assert refused.status_code == 422


async def test_an_edit_is_told_and_shown(client: CustomerClient, receiver: Receiver) -> None:
    written = await client.write("helo")
    await listen(client, "edited_message")

    await client.post(f"{MESSAGES}/{written['message_id']}/edit", act(text="hello"))

    edited = (await receiver.wait_for(2))[-1].update
    [shown] = await client.conversation()
    assert object_at(edited, "edited_message")["text"] == "hello"
    assert isinstance(object_at(edited, "edited_message")["edit_date"], int)
    assert (shown["text"], bool(shown["edited"])) == ("hello", True)


async def test_a_caption_is_edited(client: CustomerClient) -> None:
    sent = (await send_files(client, ("a.png", pictures.png(9, 9)), caption="one")).json()

    await client.post(f"{MESSAGES}/{sent['message_id']}/edit", act(text="two"))

    [shown] = await client.conversation()
    assert (shown["kind"], shown["caption"]) == ("photo", "two")


@pytest.mark.parametrize("what", ["edit", "delete"])
async def test_only_own_messages_are_changed(client: CustomerClient, what: str) -> None:
    asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="x")

    body = act(text="y") if what == "edit" else act()
    response = await client.http.post(f"{MESSAGES}/{asked['message_id']}/{what}", json=body)

    assert response.status_code == 409


async def test_a_reaction_is_told_with_the_former_one_if_asked_for(client: CustomerClient, receiver: Receiver) -> None:
    asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="x")
    react = f"{MESSAGES}/{asked['message_id']}/react"
    unwanted = await client.post(react, act(emoji=["👍"]))
    await listen(client, "message_reaction")

    await client.post(react, act(emoji=["🎉"]))

    change = object_at((await receiver.wait_for(2))[-1].update, "message_reaction")
    assert unwanted["update_id"] is None
    assert change["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert change["new_reaction"] == [{"type": "emoji", "emoji": "🎉"}]
    assert (await client.conversation())[-1]["reactions"] == [{"emoji": "🎉", "by": [MAYA]}]


async def test_a_press_is_answered(client: CustomerClient, receiver: Receiver) -> None:
    asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="Well?", reply_markup=KEYBOARD)
    await listen(client, "callback_query")
    pressed = await client.post(f"{MESSAGES}/{asked['message_id']}/press", act(text="Yes"))
    query = object_at((await receiver.wait_for(2))[-1].update, "callback_query")

    await client.call("answerCallbackQuery", callback_query_id=query["id"], text="Thanks", show_alert=True)

    answer = await client.get(f"{BOT}/presses/{pressed['callback_query_id']}", wait=5)
    assert (query["data"], object_at(query, "message")["message_id"]) == ("y", asked["message_id"])
    assert answer == {"answer": {"text": "Thanks", "alert": True, "url": None}}


@pytest.mark.parametrize(("button", "status"), [({"text": "No"}, 404), ({"data": "z"}, 404), ({"text": "Site"}, 409)])
async def test_only_buttons_that_are_there_are_pressed(client: CustomerClient, button: JsonObject, status: int) -> None:
    asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="Well?", reply_markup=KEYBOARD)

    response = await client.http.post(f"{MESSAGES}/{asked['message_id']}/press", json=act(**button))

    assert response.status_code == status


async def test_a_reader_sees_each_change_once(client: CustomerClient) -> None:
    asked = await client.result_after_hi("sendMessage", chat_id=MAYA, text="one")
    first = await client.get(MESSAGES, since=0)

    await client.call("editMessageText", chat_id=MAYA, message_id=asked["message_id"], text="two")
    edited = await client.get(MESSAGES, since=int(str(first["change"])), wait=5)
    await client.call("deleteMessage", chat_id=MAYA, message_id=asked["message_id"])
    deleted = await client.get(MESSAGES, since=int(str(edited["change"])), wait=5)
    nothing = await client.get(MESSAGES, since=int(str(deleted["change"])))

    assert (first["complete"], edited["complete"]) == (True, False)
    assert _texts(edited) == ["two"]
    assert [each["deleted"] for each in _messages(deleted)] == [True]
    assert _messages(nothing) == []


async def test_typing_and_the_reply_keyboard_are_seen(client: CustomerClient) -> None:
    await client.write("hi")
    keyboard: JsonObject = {"keyboard": [["Yes", {"text": "No"}]], "one_time_keyboard": True}
    await client.call("sendMessage", chat_id=MAYA, text="Well?", reply_markup=keyboard)
    await client.call("sendChatAction", chat_id=MAYA, action="typing")

    before = await client.get(MESSAGES, since=0)
    await client.write("Yes")
    after = await client.get(MESSAGES, since=0)

    assert object_at(before, "action")["action"] == "typing"
    assert object_at(before, "keyboard")["keyboard"] == [[{"text": "Yes"}, {"text": "No"}]]
    assert after["keyboard"] is None


async def test_a_waiting_reader_is_woken_by_typing(client: CustomerClient) -> None:
    await client.write("hi")
    since = int(str((await client.get(MESSAGES, since=0))["change"]))
    seen: list[JsonObject] = []

    async def look() -> None:
        seen.append(await client.get(MESSAGES, since=since, wait=5))

    with anyio.fail_after(4):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look)
            await anyio.lowlevel.checkpoint()
            await client.call("sendChatAction", chat_id=MAYA, action="typing")

    assert object_at(seen[0], "action")["action"] == "typing"


async def test_a_reader_of_a_forgotten_sandbox_starts_anew(client: CustomerClient) -> None:
    await client.write("hi")
    since = int(str((await client.get(MESSAGES, since=0))["change"]))

    await client.post("/sandbox/reset")

    seen = await client.get(MESSAGES, since=since, wait=5)
    assert (seen["complete"], _messages(seen)) == (True, [])


async def test_bots_and_chats_are_listed(client: CustomerClient, sandbox: TelegramSandbox) -> None:
    await client.write("hi", sender=LEO)
    await client.write("hello")

    bots = await client.get("/sandbox/bots")
    chats = await client.get(f"{BOT}/chats", **{"as": LEO})
    everybodys = await client.get(f"{BOT}/chats")

    assert bots == {"bots": [{"token": TOKEN, "bot": sandbox.bot_of(TOKEN).user}]}
    assert [each["chat_id"] for each in _objects(chats["chats"])] == [LEO]
    assert [object_at(each, "last_message")["text"] for each in _objects(everybodys["chats"])] == ["hello", "hi"]


@pytest.mark.parametrize(
    ("body", "files"),
    [
        ({}, []),
        ({"text": "x", "dice": "🎲"}, []),
        ({"kind": "photo"}, [("a.png", pictures.PDF)]),
        ({}, [("a.txt", b"")]),
        ({"caption": "x" * 1025}, [("a.pdf", pictures.PDF)]),
        ({}, [("a.pdf", pictures.PDF)] * 11),
    ],
)
async def test_what_cannot_be_sent_is_refused(
    client: CustomerClient, body: JsonObject, files: list[tuple[str, bytes]]
) -> None:
    response = await send_files(client, *files, **body)

    assert response.status_code == 422
    assert response.json()["error"]
    assert await client.conversation() == []


async def test_a_page_that_was_sent_as_a_file_is_only_saved(client: CustomerClient) -> None:
    await send_files(client, ("a.html", b"<script>alert(1)</script>"))
    [shown] = await client.conversation()

    response = await client.http.get(str(object_at(shown, "file")["url"]))

    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in response.headers["content-security-policy"]


def _messages(answer: JsonObject) -> list[JsonObject]:
    return _objects(answer["messages"])


def _texts(answer: JsonObject) -> list[Json]:
    return [message["text"] for message in _messages(answer)]


def _objects(value: Json) -> list[JsonObject]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]
