"""What somebody wrote arrives whole: its content, who it is from, what it answers, whom it was forwarded from."""

from datetime import UTC, datetime

import pytest

from chaskiq_core.plugin import Attachment, Ignored, JsonObject, MessageEdited, MessageReceived, Sender
from chaskiq_plugins.telegram.tests.telegram_updates import (
    ANONYMOUS,
    BOT,
    GROUP,
    NEWS,
    OMAR,
    OWNER,
    SETTINGS,
    TOKEN,
    Fields,
    message,
    parse_as,
    private,
    update,
)
from chaskiq_telegram import TelegramSettings

SIZES = [
    {"file_id": "small", "file_unique_id": "u1", "width": 90, "height": 60, "file_size": 900},
    {"file_id": "large", "file_unique_id": "u2", "width": 1200, "height": 800, "file_size": 90_000},
    {"file_id": "medium", "file_unique_id": "u3", "width": 320, "height": 213, "file_size": 9_000},
]
PHOTO = Attachment(type="image", provider_file_id="large", mime="image/jpeg", size=90_000, width=1200, height=800)
CLIP: Fields = {"file_id": "clip", "duration": 4, "width": 640, "height": 360, "mime_type": "video/mp4"}
SPOT: Fields = {"latitude": 41.15, "longitude": -8.61}


def received(**fields: object) -> MessageReceived:
    return parse_as(MessageReceived, update(**fields))


def test_nobody_has_the_id_0() -> None:
    """All who came without an id would be one person."""
    event = received(sender={"id": 0, "is_bot": False, "first_name": "Maya"}, text="hi")

    assert event.sender is None or event.sender.id != "0"


def test_a_text_is_a_message() -> None:
    body = update(text="Is the blue one back?")
    event = parse_as(MessageReceived, body)

    assert event.text == "Is the blue one back?"
    assert event.content is None
    assert event.event_id == str(body["update_id"])
    assert (event.message_id, event.message_key) == ("500", "71001:500")
    assert event.sender == Sender(id="71001", name="Ruth Adeyemi", data={"username": "ruth_a"})
    assert event.at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert (event.direction, event.recipient, event.auto, event.unsupported) == ("in", None, False, False)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"photo": SIZES}, PHOTO),
        ({"live_photo": CLIP | {"photo": SIZES[:1]}, "photo": SIZES}, PHOTO),
        ({"live_photo": CLIP | {"photo": SIZES}}, PHOTO),
        (
            {"live_photo": CLIP},
            Attachment(type="video", provider_file_id="clip", mime="video/mp4", duration=4, width=640, height=360),
        ),
        (
            {"animation": CLIP | {"file_name": "wow.mp4"}, "document": {"file_id": "clip", "file_name": "wow.mp4"}},
            Attachment(
                type="video",
                provider_file_id="clip",
                filename="wow.mp4",
                mime="video/mp4",
                duration=4,
                width=640,
                height=360,
            ),
        ),
        (
            {"video": {"file_id": "v", "thumb": {"file_id": "t"}, "file_size": 5}},
            Attachment(type="video", provider_file_id="v", size=5),
        ),
        (
            {"audio": {"file_id": "a", "mime_type": "audio/mpeg", "duration": 61, "file_name": "x.mp3"}},
            Attachment(type="audio", provider_file_id="a", filename="x.mp3", mime="audio/mpeg", duration=61),
        ),
        ({"voice": {"file_id": "o"}}, Attachment(type="voice", provider_file_id="o", mime="audio/ogg")),
        (
            {"video_note": {"file_id": "n", "length": 240, "duration": 3}},
            Attachment(type="video", provider_file_id="n", mime="video/mp4", duration=3, width=240, height=240),
        ),
        (
            {"document": {"file_id": "d", "file_name": "../../x.pdf", "mime_type": "application/pdf"}},
            Attachment(type="file", provider_file_id="d", filename="../../x.pdf", mime="application/pdf"),
        ),
        (
            {"sticker": {"file_id": "s", "emoji": "🚲", "is_animated": False, "is_video": False}},
            Attachment(type="sticker", provider_file_id="s", mime="image/webp", emoji="🚲"),
        ),
        (
            {"sticker": {"file_id": "s", "is_animated": True, "is_video": False}},
            Attachment(type="sticker", provider_file_id="s", mime="application/x-tgsticker"),
        ),
        (
            {"sticker": {"file_id": "s", "is_animated": False, "is_video": True}},
            Attachment(type="sticker", provider_file_id="s", mime="video/webm"),
        ),
        ({"location": SPOT | {"live_period": 60}}, Attachment(type="location", latitude=41.15, longitude=-8.61)),
        (
            {"venue": {"location": SPOT, "title": "Café", "address": "Rua 1"}, "location": SPOT},
            Attachment(type="location", latitude=41.15, longitude=-8.61, name="Café", address="Rua 1"),
        ),
        (
            {"contact": {"phone_number": "+351911", "first_name": "Ana", "last_name": "Luz", "user_id": 5}},
            Attachment(type="contact", name="Ana Luz", phone="+351911"),
        ),
    ],
)
def test_a_content_is_one_attachment(fields: Fields, expected: Attachment) -> None:
    event = received(caption="see", **fields)

    assert event.attachments == (expected,)
    assert event.text == "see"
    assert not event.unsupported


@pytest.mark.parametrize(
    ("fields", "words", "unsupported"),
    [
        (
            {"poll": {"question": "When?", "options": [{"text": "Mon"}, {"text": "Tue"}]}},
            ["When?", "Mon", "Tue"],
            False,
        ),
        (
            {"checklist": {"title": "Trip", "tasks": [{"text": "pump", "completion_date": 1}, {"text": "map"}]}},
            ["Trip", "☑ pump", "☐ map"],
            False,
        ),
        ({"dice": {"emoji": "🏀", "value": 3}}, ["🏀", "3"], False),
        ({"web_app_data": {"data": '{"size":"M"}', "button_text": "Pick"}}, ["Pick", '{"size":"M"}'], False),
        ({"story": {"chat": NEWS, "id": 4}}, ["[Story: Bike News]"], True),
        ({"story": {}}, ["[Story]"], True),
        ({"game": {"title": "Race", "photo": SIZES}}, ["[Game: Race]"], True),
        ({"invoice": {"title": "Bell", "currency": "EUR", "total_amount": 900}}, ["[Invoice: Bell]"], True),
        ({"giveaway": {"winner_count": 2}}, ["[Giveaway]"], True),
        ({"paid_media": {"star_count": 3, "paid_media": [{"type": "preview"}]}}, ["[Paid media]"], True),
        ({"hologram": {"file_id": "h"}}, ["[Hologram]"], True),
        ({"forward_date": 1, "mind_link": 7}, ["[Mind link]"], True),
        ({}, ["[Unsupported message]"], True),
        ({"text": ""}, ["[Unsupported message]"], True),
        ({"photo": []}, ["[Photo]"], True),
        ({"document": {"file_name": "x"}}, ["[Document]"], True),
        ({"location": {"latitude": "north"}}, ["[Location]"], True),
        ({"poll": {}}, ["[Poll]"], True),
        (
            {
                "rich_message": {
                    "blocks": [
                        {"type": "heading", "text": ["Route ", {"type": "bold", "text": "7"}]},
                        {
                            "type": "list",
                            "items": [{"label": "1.", "blocks": [{"type": "paragraph", "text": "north"}]}],
                        },
                        {"type": "table", "cells": [[{"text": "km"}, {"text": "12"}]]},
                        {"type": "divider"},
                    ]
                }
            },
            ["Route 7", "1.\nnorth", "km | 12"],
            True,
        ),
    ],
)
def test_what_has_no_attachment_is_said_in_words(fields: Fields, words: list[str], unsupported: bool) -> None:
    event = received(**fields)

    assert [word for word in words if word not in event.text] == []
    assert event.attachments == ()
    assert event.unsupported is unsupported


def test_a_caption_says_more_than_a_placeholder() -> None:
    preview = received(caption="unlock me", paid_media={"star_count": 3, "paid_media": [{"type": "preview"}]})
    unknown = received(caption="look", hologram={})

    assert (preview.text, preview.unsupported, preview.attachments) == ("unlock me", True, ())
    assert (unknown.text, unknown.unsupported) == ("look", True)


def test_paid_media_that_was_paid_for_is_there() -> None:
    media = [{"type": "photo", "photo": SIZES}, {"type": "video", "video": {"file_id": "v"}}]
    bought = received(paid_media={"paid_media": media})
    half = received(paid_media={"paid_media": [*media, {"type": "preview"}]})

    assert [one.provider_file_id for one in bought.attachments] == ["large", "v"]
    assert (bought.unsupported, half.unsupported) == (False, True)


def test_a_file_that_telegram_does_not_hand_out_is_told_so() -> None:
    body = update(document={"file_id": "d", "file_size": 3_000_000_000})
    local = TelegramSettings(access_token=TOKEN, api_base="http://127.0.0.1:8081")

    assert parse_as(MessageReceived, body).attachments[0].unavailable
    assert not parse_as(MessageReceived, body, local).attachments[0].unavailable


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        ({"sender": OMAR}, Sender(id="71002", name="Omar", data={"language": "fr"})),
        ({"sender": {"id": 5, "first_name": ""}}, Sender(id="5", name="Deleted Account")),
        ({"sender": {"id": 5, "first_name": " ", "username": "x"}}, Sender(id="5", name="x", data={"username": "x"})),
        ({"sender": {"id": "5", "first_name": "A", "last_name": ""}}, Sender(id="5", name="A")),
        ({"sender": ANONYMOUS, "chat": GROUP, "sender_chat": GROUP}, Sender(id="-1009000100", name="Bike Club")),
        (
            {"sender": ANONYMOUS, "chat": GROUP, "sender_chat": NEWS},
            Sender(id="-1009000300", name="Bike News", data={"username": "bike_news"}),
        ),
        ({"sender": None, "chat": GROUP}, Sender(id="-1009000100", name="Bike Club")),
        ({"sender": {"first_name": "nobody"}}, Sender(id="71001", name="Ruth Adeyemi", data={"username": "ruth_a"})),
        (
            {"sender": BOT, "chat": GROUP},
            Sender(id="6100200300", name="Desk", is_bot=True, data={"username": "desk_bot"}),
        ),
    ],
)
def test_the_sender_is_who_really_wrote(fields: Fields, sender: Sender) -> None:
    assert received(text="hi", **fields).sender == sender


@pytest.mark.parametrize(
    ("body", "auto"),
    [
        (update(text="x", sender=BOT, chat=GROUP), True),
        (update(text="x", sender=ANONYMOUS, sender_chat=GROUP, chat=GROUP), False),
        (update(text="x", sender=None, sender_chat=NEWS, chat=GROUP, is_automatic_forward=True), True),
        (update("channel_post", text="x", sender=None, sender_chat=NEWS, chat=NEWS), True),
        (update("business_message", text="x", business_connection_id="c1", is_from_offline=True), True),
        (update(text="x"), False),
    ],
)
def test_what_nobody_waits_for_an_answer_to_is_automatic(body: Fields, auto: bool) -> None:
    assert parse_as(MessageReceived, body).auto is auto


def test_the_owners_messages_are_the_business_sides() -> None:
    settings = SETTINGS.model_copy(update={"user_id": "71900"})
    direct = parse_as(MessageReceived, update(text="x", sender=OWNER, chat=private(OWNER)), settings)
    grouped = parse_as(MessageReceived, update(text="x", sender=OWNER, chat=GROUP), settings)
    others = parse_as(MessageReceived, update(text="x"), settings)
    edited = parse_as(MessageEdited, update("edited_message", text="x", sender=OWNER, chat=GROUP), settings)

    assert (direct.direction, grouped.direction, others.direction, edited.direction) == ("out", "out", "in", "out")
    assert direct.recipient is not None
    assert direct.recipient.id == "71900"
    assert (grouped.recipient, others.recipient) == (None, None)


def test_a_reply_names_the_message_that_it_answers() -> None:
    event = received(text="yes", reply_to_message=message(message_id=498), quote={"text": "blue", "position": 7})

    assert (event.reply_to, event.reply_to_key, event.quote) == ("498", "71001:498", "blue")


@pytest.mark.parametrize(
    "fields",
    [
        {"external_reply": {"origin": {"type": "channel", "chat": NEWS, "message_id": 8}, "message_id": 8}},
        {"reply_to_story": {"chat": private(), "id": 3}},
        {"reply_to_message": {}},
        {"reply_to_message": "498"},
        {"reply_to_message": message(message_id=0)},
    ],
)
def test_what_stands_in_another_chat_is_no_reply(fields: Fields) -> None:
    event = received(text="still on?", quote={"text": "20 % off"}, **fields)

    assert (event.reply_to, event.reply_to_key, event.quote) == (None, None, "20 % off")


DAY = 1_789_900_000


@pytest.mark.parametrize(
    ("fields", "forwarded"),
    [
        (
            {"forward_origin": {"type": "user", "sender_user": OMAR, "date": DAY}},
            {"name": "Omar", "id": "71002", "type": "user"},
        ),
        (
            {"forward_origin": {"type": "hidden_user", "sender_user_name": "Z.", "date": DAY}},
            {"name": "Z.", "type": "hidden_user"},
        ),
        (
            {"forward_origin": {"type": "chat", "sender_chat": GROUP, "author_signature": "boss", "date": DAY}},
            {"name": "Bike Club", "id": "-1009000100", "type": "chat", "signature": "boss"},
        ),
        (
            {"forward_origin": {"type": "channel", "chat": NEWS, "message_id": 31, "date": DAY}},
            {"name": "Bike News", "id": "-1009000300", "type": "channel", "message_id": "31"},
        ),
        ({"forward_origin": {"type": "dream"}}, {"name": "", "type": "dream"}),
        ({"forward_from": OMAR, "forward_date": DAY}, {"name": "Omar", "id": "71002", "type": "user"}),
        ({"forward_sender_name": "Z.", "forward_date": DAY}, {"name": "Z.", "type": "hidden_user"}),
        (
            {"forward_from_chat": NEWS, "forward_from_message_id": 31, "forward_signature": "ed", "forward_date": DAY},
            {"name": "Bike News", "id": "-1009000300", "type": "channel", "message_id": "31", "signature": "ed"},
        ),
        ({"forward_date": DAY}, {"name": "", "type": "hidden_user"}),
        ({}, None),
    ],
)
def test_a_forward_tells_whom_it_is_from(fields: Fields, forwarded: JsonObject | None) -> None:
    assert received(text="look", **fields).forwarded == forwarded


@pytest.mark.parametrize(
    ("text", "offset", "command"),
    [
        ("/start promo-7", 0, "start"),
        ("/help@desk_bot now", 0, "help"),
        ("see /help", 4, None),
        ("/start", None, None),
    ],
)
def test_a_command_is_named(text: str, offset: int | None, command: str | None) -> None:
    entities = [] if offset is None else [{"type": "bot_command", "offset": offset, "length": 5}]
    event = received(text=text, entities=entities)

    assert (event.command, event.text) == (command, text)


def test_an_albums_items_share_its_id() -> None:
    first = received(photo=SIZES, media_group_id="1390", caption="all")
    second = received(photo=SIZES, media_group_id=1390, message_id=501)

    assert (first.group_id, second.group_id) == ("1390", "1390")
    assert (first.text, second.text) == ("all", "")


@pytest.mark.parametrize("kind", ["edited_message", "edited_channel_post"])
def test_an_edit_is_known_by_its_message(kind: str) -> None:
    event = parse_as(MessageEdited, update(kind, caption="new", photo=SIZES, edit_date=1_790_000_060))

    assert (event.message_id, event.message_key, event.text) == ("500", "71001:500", "new")
    assert event.attachments == (PHOTO,)
    assert event.at == datetime.fromtimestamp(1_790_000_060, UTC)


def test_a_live_location_moves_by_edits() -> None:
    event = parse_as(MessageEdited, update("edited_message", location=SPOT, edit_date=1_790_000_060))

    assert event.attachments[0].latitude == 41.15


def test_an_edited_service_message_is_none_of_ours() -> None:
    parse_as(Ignored, update("edited_message", pinned_message=message()))


@pytest.mark.parametrize("date", [None, 0, -5, "soon", 10**18, 1.5, True])
def test_a_date_out_of_this_world_is_none(date: object) -> None:
    assert received(text="x", date=date).at is None


def test_numbers_written_as_texts_are_the_same_numbers() -> None:
    chat = private() | {"id": "71001"}
    event = received(text="x", chat=chat, message_id="500", date="1790000000")

    assert event.message_key == "71001:500"
    assert event.at == datetime.fromtimestamp(1_790_000_000, UTC)
