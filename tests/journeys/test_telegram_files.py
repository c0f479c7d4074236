"""Files over Telegram, both ways: what people send, what agents send, and what becomes of what can't be sent."""

import json
from collections.abc import AsyncIterator

import pytest

from chaskiq_core import desk
from chaskiq_core.content import document_from_text
from chaskiq_core.plugin import PartView
from chaskiq_plugins.telegram.tests.sandbox.pictures import mp4, opus, png
from chaskiq_telegram.sandbox import Fault, FaultKind
from tests.harness.databases import Database
from tests.harness.telegram_desk import MAYA, TelegramDesk, a_telegram_desk

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

PHOTO = png(320, 200)
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[TelegramDesk]:
    async with a_telegram_desk(database) as made:
        yield made


def said(**more: object) -> str:
    return json.dumps({"from": MAYA, **more})


async def only_part(bot: TelegramDesk) -> PartView:
    """The one part that is there, once nothing is left to do."""
    await bot.quiet()
    [conversation] = (await bot.ann.read(desk.inbox)).items
    [part] = await bot.parts(conversation.key)
    return part


async def test_a_photo_is_fetched_and_served_to_agents(bot: TelegramDesk) -> None:
    await bot.send_files(("cat.png", PHOTO), message=said(kind="photo", caption="Look"))
    await bot.conversation_with("Look")

    part = await only_part(bot)

    [photo] = part.attachments
    assert (part.text, photo["type"], photo["state"], photo["mime"]) == ("Look", "image", "ready", "image/png")
    served = await bot.rest.get(str(photo["url"]))
    assert (served.status_code, served.content) == (200, PHOTO)
    assert served.headers["content-type"] == "image/png"
    assert served.headers["content-disposition"].startswith("inline")
    assert served.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("broken", [FaultKind.BROKEN_OFF, FaultKind.WRONG_LENGTH, FaultKind.NOT_FOUND])
async def test_a_photo_whose_fetch_fails_twice_is_there_in_the_end(bot: TelegramDesk, broken: FaultKind) -> None:
    bot.sandbox.faults.add(Fault(kind=FaultKind.SERVER_ERROR, method="getFile"))
    bot.sandbox.faults.add(Fault(kind=broken, method="download"))

    await bot.send_files(("cat.png", PHOTO), message=said(kind="photo", caption="Look"))
    await bot.conversation_with("Look")

    [photo] = (await only_part(bot)).attachments
    assert (photo["state"], photo["size"]) == ("ready", len(PHOTO))


async def test_a_file_over_telegram_s_limit_is_shown_as_failed(bot: TelegramDesk) -> None:
    await bot.send_files(("film.bin", bytes(60_000_000)), message=said(kind="document", caption="My film"))
    await bot.conversation_with("My film")

    [file] = (await only_part(bot)).attachments

    assert (file["state"], file["filename"], file["size"], file["url"]) == ("failed", "film.bin", 60_000_000, None)


@pytest.mark.parametrize(("name", "content"), [("cat.png", HTML), ("page.html", HTML), ("drawing.svg", SVG)])
async def test_a_file_that_could_run_is_a_download_and_nothing_else(
    bot: TelegramDesk, name: str, content: bytes
) -> None:
    await bot.send_files((name, content), message=said(kind="document", caption="Open me"))
    await bot.conversation_with("Open me")

    [file] = (await only_part(bot)).attachments

    served = await bot.rest.get(str(file["url"]))
    assert (file["type"], served.content) == ("file", content)
    assert served.headers["content-type"] == "application/octet-stream"
    assert served.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in served.headers["content-security-policy"]


async def test_an_album_is_parts_of_one_group_each_with_its_file(bot: TelegramDesk) -> None:
    await bot.send_files(("a.png", PHOTO), ("b.png", png(10, 10)), message=said(kind="photo", caption="Both"))
    conversation = await bot.conversation_with("Both")
    await bot.quiet()

    parts = await bot.parts(conversation.key)

    assert [[one["state"] for one in part.attachments] for part in parts] == [["ready"], ["ready"]]
    assert len({part.group_id for part in parts}) == 1


async def test_a_photo_of_an_agent_arrives_with_its_text_as_caption(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Show me")

    await bot.reply(conversation.key, "Here *it* is", attachments=(await bot.upload("cat.png", PHOTO),))
    delivery = await bot.delivery(conversation.key)

    [shown] = await bot.shown()
    assert (shown["kind"], shown["caption"], delivery.state) == ("photo", "Here *it* is", "sent")
    file = shown["file"]
    assert isinstance(file, dict)
    assert (file["width"], file["height"]) == (320, 200)


async def test_several_photos_are_an_album_and_a_long_text_goes_before_it(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Show me")
    files = (await bot.upload("a.png", PHOTO), await bot.upload("b.png", png(10, 10)))
    text = "All that there is to say of it. " * 40

    await bot.reply(conversation.key, text, attachments=files)
    delivery = await bot.delivery(conversation.key)

    shown = await bot.shown()
    assert [one["kind"] for one in shown] == ["text", "photo", "photo"]
    assert len({one["album"] for one in shown[1:]}) == 1
    assert delivery.external_ids == tuple(str(one["message_id"]) for one in shown)


async def test_blocks_of_a_document_go_by_their_own_methods_in_their_order(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Show me")
    picture, film = await bot.upload("cat.png", PHOTO), await bot.upload("cat.mp4", mp4())
    sound, paper = await bot.upload("cat.ogg", opus()), await bot.upload("cat.pdf", b"%PDF-1.7")
    blocks: list[dict[str, object]] = [
        {"type": "ImageBlock", "attrs": {"media_id": picture, "caption": "The cat"}},
        {"type": "FileBlock", "attrs": {"media_id": paper, "caption": "cat.pdf"}},
        {"type": "VideoBlock", "attrs": {"media_id": film}},
        {"type": "AudioRecorderBlock", "attrs": {"media_id": sound}},
        {"type": "paragraph", "content": [{"type": "text", "text": "That's all"}]},
    ]

    answer = await bot.rest.post(
        f"/conversations/{conversation.key}/parts", json={"content": {"type": "doc", "content": blocks}}
    )
    delivery = await bot.delivery(conversation.key)

    assert answer.status_code == 201
    assert [(one["kind"], one["caption"]) for one in await bot.shown()] == [
        ("photo", "The cat"),
        ("document", None),
        ("video", None),
        ("audio", "That's all"),
    ]
    assert delivery.state == "sent"
    assert "/media/" in answer.json()["html"]


async def test_a_file_of_another_kind_is_a_document_of_its_name(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("The invoice?")

    await bot.reply(conversation.key, "", attachments=(await bot.upload("Rechnung März.pdf", b"%PDF-1.7\n%"),))
    await bot.quiet()

    [shown] = await bot.shown()
    file = shown["file"]
    assert isinstance(file, dict)
    assert (shown["kind"], file["name"]) == ("document", "Rechnung März.pdf")


async def test_a_file_that_is_too_large_for_telegram_arrives_as_a_link(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("The film?")

    await bot.reply(conversation.key, "Here", attachments=(await bot.upload("film.bin", bytes(60_000_000)),))
    await bot.quiet()

    [(_, text)] = await bot.customer_sees()
    assert text.startswith("Here\n\nfilm.bin: http://")
    served = await bot.rest.get(text.partition("film.bin: ")[2], headers={"authorization": ""})
    assert (served.status_code, len(served.content)) == (200, 60_000_000)


async def test_an_image_that_telegram_takes_for_none_is_sent_as_a_file(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Show me")
    ribbon = png(1000, 10)  # Telegram shows no photo that is more than twenty times as wide as high

    await bot.reply(conversation.key, "Here", attachments=(await bot.upload("ribbon.png", ribbon),))
    await bot.quiet()

    [shown] = await bot.shown()
    assert (shown["kind"], shown["caption"]) == ("document", "Here")


async def test_an_edited_caption_and_a_deleted_album_follow(bot: TelegramDesk) -> None:
    conversation = await bot.customer_writes("Show me")
    files = (await bot.upload("a.png", PHOTO), await bot.upload("b.png", png(10, 10)))
    part = await bot.reply(conversation.key, "Helo", attachments=files)
    await bot.quiet()

    await bot.ann.write(desk.edit, conversation.key, part.key, content=document_from_text("Hello"))
    await bot.quiet()
    assert [one["caption"] for one in await bot.shown()] == ["Hello", None]

    await bot.ann.write(desk.delete, conversation.key, part.key)
    await bot.quiet()
    assert await bot.shown() == []
