"""python-telegram-bot's own Bot, unchanged: every kind of message, files both ways, edits, deletions, answers."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import telegram
from telegram import InputMediaAudio, InputMediaDocument, InputMediaPhoto, InputMediaVideo
from telegram.error import BadRequest

from chaskiq_plugins.telegram.tests.sandbox import pictures
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_telegram.sandbox import running_sandbox

pytestmark = pytest.mark.anyio

Send = Callable[[telegram.Bot], Awaitable[telegram.Message]]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with running_sandbox() as url:
        yield url


@pytest.fixture
async def customer(url: str) -> AsyncIterator[CustomerClient]:
    async with httpx.AsyncClient(base_url=url) as http:
        client = CustomerClient(http)
        await client.write("hi")
        yield client


@pytest.fixture
async def bot(url: str, customer: CustomerClient) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        yield bot


async def test_a_photo_has_sizes_and_a_caption_and_can_be_fetched(bot: telegram.Bot) -> None:
    sent = await bot.send_photo(MAYA, pictures.png(640, 480), caption="<b>Look</b>", parse_mode="HTML")

    file = await bot.get_file(sent.photo[-1].file_id)
    assert [(size.width, size.height) for size in sent.photo] == [(90, 67), (320, 240), (640, 480)]
    assert (sent.caption, sent.caption_entities[0].type) == ("Look", "bold")
    assert bytes(await file.download_as_bytearray()) == pictures.png(640, 480)
    assert file.file_unique_id == sent.photo[-1].file_unique_id


async def test_each_kind_of_file_shows_what_is_in_it(bot: telegram.Bot) -> None:
    video = (await bot.send_video(MAYA, pictures.mp4(), filename="trip.mp4", supports_streaming=True)).video
    animation = await bot.send_animation(MAYA, pictures.GIF, filename="wave.gif")
    audio = (await bot.send_audio(MAYA, pictures.MP3, title="Song", performer="Ann", filename="song.mp3")).audio
    voice = (await bot.send_voice(MAYA, pictures.opus())).voice
    note = (await bot.send_video_note(MAYA, pictures.mp4(240, 240, 2), length=240)).video_note
    document = (await bot.send_document(MAYA, pictures.PDF, filename="offer.pdf")).document
    sticker = (await bot.send_sticker(MAYA, pictures.WEBP, emoji="🙂")).sticker

    assert video
    assert (video.width, video.height, video.file_name, video.mime_type) == (320, 180, "trip.mp4", "video/mp4")
    assert animation.animation
    assert animation.document
    assert animation.animation.file_id == animation.document.file_id
    assert audio
    assert (audio.title, audio.performer, audio.mime_type) == ("Song", "Ann", "audio/mpeg")
    assert voice
    assert (voice.mime_type, voice.file_size) == ("audio/ogg", len(pictures.opus()))
    assert note
    assert note.length == 240
    assert document
    assert (document.file_name, document.mime_type, document.file_size) == ("offer.pdf", "application/pdf", 29)
    assert sticker
    assert (sticker.width, sticker.emoji, sticker.is_animated) == (512, "🙂", False)


@pytest.mark.parametrize(
    ("send", "becomes"),
    [
        (lambda bot: bot.send_voice(MAYA, pictures.FLAC), "audio"),
        (lambda bot: bot.send_voice(MAYA, pictures.PDF), "document"),
        (lambda bot: bot.send_voice(MAYA, pictures.MP3), "voice"),
        (lambda bot: bot.send_voice(MAYA, pictures.mp4(0, 0, brand=b"M4A ")), "voice"),
        (lambda bot: bot.send_video(MAYA, pictures.PDF), "document"),
        (lambda bot: bot.send_audio(MAYA, pictures.PDF), "document"),
        (lambda bot: bot.send_sticker(MAYA, pictures.png()), "document"),
        (lambda bot: bot.send_document(MAYA, pictures.GIF), "animation"),
        (lambda bot: bot.send_document(MAYA, pictures.mp4()), "video"),
        (lambda bot: bot.send_document(MAYA, pictures.png()), "document"),
        (lambda bot: bot.send_document(MAYA, pictures.MP3, disable_content_type_detection=True), "document"),
    ],
)
async def test_a_file_becomes_what_telegram_makes_of_it(bot: telegram.Bot, send: Send, becomes: str) -> None:
    message = await send(bot)

    assert getattr(message, becomes)


async def test_a_known_file_is_sent_again_without_an_upload(bot: telegram.Bot) -> None:
    first = await bot.send_document(MAYA, pictures.PDF, filename="offer.pdf")
    assert first.document

    again = await bot.send_document(MAYA, first.document.file_id, caption="again")

    assert again.document == first.document
    with pytest.raises(BadRequest, match="Can't use file of type document as photo"):
        await bot.send_photo(MAYA, first.document.file_id)


async def test_places_contacts_polls_and_dice_have_their_shapes(bot: telegram.Bot) -> None:
    location = (await bot.send_location(MAYA, 59.437, 24.7536)).location
    venue = (await bot.send_venue(MAYA, 59.437, 24.7536, "Town Hall", "Raekoja plats 1")).venue
    contact = (await bot.send_contact(MAYA, "+3725550100", "Ann", last_name="Lee")).contact
    poll = (await bot.send_poll(MAYA, "Tea?", ["Yes", "No"])).poll
    dice = (await bot.send_dice(MAYA)).dice

    assert location
    assert (location.latitude, location.longitude) == (59.437, 24.7536)
    assert venue
    assert (venue.title, venue.address) == ("Town Hall", "Raekoja plats 1")
    assert contact
    assert (contact.phone_number, contact.last_name) == ("+3725550100", "Lee")
    assert poll
    assert (poll.question, [option.text for option in poll.options]) == ("Tea?", ["Yes", "No"])
    assert dice
    assert 1 <= dice.value <= 6


async def test_an_album_stands_together(bot: telegram.Bot, customer: CustomerClient) -> None:
    media: list[InputMediaPhoto | InputMediaVideo] = [
        InputMediaPhoto(pictures.png(20, 20), caption="Both"),
        InputMediaVideo(pictures.mp4(), caption="<i>Film</i>", parse_mode="HTML"),
    ]

    sent = await bot.send_media_group(MAYA, media)

    [first, second] = sent
    shown = (await customer.conversation())[-2:]
    assert first.media_group_id == second.media_group_id
    assert (first.caption, second.caption) == ("Both", "Film")
    assert [each["kind"] for each in shown] == ["photo", "video"]
    assert [each["album"] for each in shown] == [first.media_group_id] * 2


async def test_an_album_refuses_what_does_not_belong_together(bot: telegram.Bot) -> None:
    photo, document = InputMediaPhoto(pictures.png(20, 20)), InputMediaDocument(pictures.PDF)

    with pytest.raises(BadRequest, match="Document can't be mixed"):
        await bot.send_media_group(MAYA, [photo, document])
    with pytest.raises(BadRequest, match="Audio can't be mixed"):
        await bot.send_media_group(MAYA, [InputMediaAudio(pictures.MP3), photo])
    with pytest.raises(BadRequest, match="Too many messages"):
        await bot.send_media_group(MAYA, [photo] * 11)


async def test_own_messages_are_edited(bot: telegram.Bot, customer: CustomerClient) -> None:
    text = await bot.send_message(MAYA, "one")
    photo = await bot.send_photo(MAYA, pictures.png(20, 20), caption="one")
    button = telegram.InlineKeyboardMarkup.from_button(telegram.InlineKeyboardButton("Go", callback_data="go"))

    await bot.edit_message_text("two", MAYA, text.message_id)
    await bot.edit_message_caption(MAYA, photo.message_id, caption="two")
    replaced = await bot.edit_message_media(InputMediaVideo(pictures.mp4()), MAYA, photo.message_id)
    marked = await bot.edit_message_reply_markup(MAYA, text.message_id, reply_markup=button)

    assert isinstance(replaced, telegram.Message)
    assert isinstance(marked, telegram.Message)
    assert (bool(replaced.video), bool(replaced.photo), replaced.caption) == (True, False, None)
    assert (marked.text, marked.reply_markup) == ("two", button)
    shown = (await customer.conversation())[-2:]
    assert [bool(each["edited"]) for each in shown] == [True, True]
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("two", MAYA, text.message_id, reply_markup=button)


async def test_messages_are_deleted(bot: telegram.Bot, customer: CustomerClient) -> None:
    sent = [(await bot.send_message(MAYA, text)).message_id for text in ("one", "two", "three")]

    await bot.delete_message(MAYA, sent[0])
    await bot.delete_messages(MAYA, [*sent[1:], 999_999])

    assert [each["deleted"] for each in await customer.conversation()] == [False, True, True, True]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(MAYA, sent[0])
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", MAYA, sent[0])


async def test_a_bot_reacts(bot: telegram.Bot, customer: CustomerClient) -> None:
    [asked] = await customer.conversation()
    message_id = int(str(asked["message_id"]))

    await bot.set_message_reaction(MAYA, message_id, "👍")

    [shown] = await customer.conversation()
    assert shown["reactions"] == [{"emoji": "👍", "by": [7700112233]}]
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(MAYA, message_id, "🧵")


async def test_a_message_is_forwarded_and_copied(bot: telegram.Bot, customer: CustomerClient) -> None:
    [asked] = await customer.conversation()
    message_id = int(str(asked["message_id"]))

    forwarded = await bot.forward_message(MAYA, MAYA, message_id)
    copied = await bot.copy_message(MAYA, MAYA, message_id)

    assert isinstance(forwarded.forward_origin, telegram.MessageOriginUser)
    assert forwarded.text == "hi"
    assert (await customer.conversation())[-1]["message_id"] == copied.message_id


async def test_chats_and_people_can_be_asked_for(bot: telegram.Bot, customer: CustomerClient) -> None:
    picture = {"file": ("maya.png", pictures.png(200, 200))}
    await customer.http.post(f"/sandbox/bots/{TOKEN}/people", data={"message": f'{{"id": {MAYA}}}'}, files=picture)

    chat = await bot.get_chat(MAYA)
    member = await bot.get_chat_member(MAYA, MAYA)
    photos = await bot.get_user_profile_photos(MAYA)

    assert (chat.type, chat.first_name) == ("private", "Maya")
    assert member.status == "member"
    assert photos is not None
    assert (photos.total_count, photos.photos[0][-1].width) == (1, 200)
