"""What X tells becomes events: both sides' messages, files, what was read, and whatever else there is."""

import json
from pathlib import Path

import pytest

from chaskiq_core.plugin import (
    Answer,
    Attachment,
    Ignored,
    InboundEvent,
    MessageReceived,
    Refused,
    SendStatus,
    StatusChanged,
    WebhookRequest,
)
from chaskiq_x import channel
from chaskiq_x.manifest import MANIFEST, XSettings

US, MAYA = "4337869213", "3001969357"
SETTINGS = XSettings.model_validate({**MANIFEST.example_settings, "app_id": "268278"})
Fields = dict[str, object]


def message(text: str = "Hello", *, sender: str = MAYA, **more: object) -> Fields:
    create: Fields = {
        "target": {"recipient_id": US if sender == MAYA else MAYA},
        "sender_id": sender,
        "message_data": {"text": text, **more},
    }
    return {"type": "message_create", "id": "954491830116155396", "created_timestamp": "1516403560557",
            "message_create": create}  # fmt: skip


def parsed(*elements: object, name: str = "direct_message_events") -> list[InboundEvent]:
    people = {MAYA: {"id": MAYA, "name": "Maya", "screen_name": "maya_b"}}
    body = {"for_user_id": US, name: elements, "users": people}
    request = WebhookRequest(body=json.dumps(body).encode())
    items = channel.route(request, SETTINGS)
    assert [item.lane for item in items] == [MAYA] * len(elements)
    return [event for item in items for event in channel.parse(request, item, SETTINGS)]


def received(*elements: object) -> MessageReceived:
    [event] = parsed(*elements)
    assert isinstance(event, MessageReceived)
    return event


def test_a_text_is_as_it_was_written() -> None:
    links = [{"url": "https://t.co/a", "expanded_url": "https://example.org/bikes?a=1&b=2"}]
    event = received(message("5 &lt; 6 &amp; see https://t.co/a", entities={"urls": links}))

    assert event.text == "5 < 6 & see https://example.org/bikes?a=1&b=2"
    assert event.sender is not None
    assert (event.sender.id, event.sender.name, event.sender.data) == (MAYA, "Maya", {"username": "maya_b"})
    assert (event.direction, event.message_key, event.unsupported) == ("in", "954491830116155396", False)
    assert event.at is not None
    assert event.at.isoformat() == "2018-01-19T23:12:40.557000+00:00"


def test_a_photo_is_an_attachment_and_its_link_is_gone() -> None:
    media = {"type": "photo", "url": "https://t.co/p", "media_url_https": "https://ton.twimg.com/p.jpg"}
    links = [{"url": "https://t.co/p", "expanded_url": "https://x.com/1"}]
    event = received(message("Look https://t.co/p", attachment={"media": media}, entities={"urls": links}))

    assert event.text == "Look"
    assert event.attachments == (Attachment(type="image", provider_file_id="https://ton.twimg.com/p.jpg"),)


def test_of_a_film_the_best_is_taken() -> None:
    films: list[object] = [{"bitrate": 1, "url": "https://v/1"}, {"bitrate": 9, "url": "https://v/9"}, None, {"url": 4}]
    media = {"type": "video", "video_info": {"variants": films}}
    event = received(message("", attachment={"media": media}))

    assert event.attachments == (Attachment(type="video", provider_file_id="https://v/9"),)


def test_what_somebody_writes_in_x_s_own_app_is_ours_and_what_we_sent_is_known() -> None:
    written = received(message("From the phone", sender=US))
    ours = message("From here", sender=US)
    create = ours["message_create"]
    assert isinstance(create, dict)
    create["source_app_id"] = "268278"

    [echo] = parsed(ours)

    assert (written.direction, written.recipient and written.recipient.id) == ("out", MAYA)
    assert isinstance(echo, Ignored)


def test_read_is_told_of_our_message() -> None:
    read = {"sender_id": MAYA, "target": {"recipient_id": US}, "last_read_event_id": "7", "created_timestamp": "1"}
    [event] = parsed(read, name="direct_message_mark_read_events")

    assert isinstance(event, StatusChanged)
    assert (event.status, event.message_key) == (SendStatus.READ, "7")


@pytest.mark.parametrize(
    "account",
    [{"for_user_id": "1"}, {"for_user_id": None}],
)
def test_what_is_for_another_account_is_left_alone(account: Fields) -> None:
    body = {"direct_message_events": [message()], **account}
    request = WebhookRequest(body=json.dumps(body).encode())
    [item] = channel.route(request, SETTINGS)

    assert isinstance(channel.parse(request, item, SETTINGS)[0], Ignored)


def test_the_question_after_the_secret_is_answered() -> None:
    asked = WebhookRequest(method="GET", query="crc_token=challenge%20me&nonce=1")
    answer = channel.verify(asked, SETTINGS)

    assert isinstance(answer, Answer)
    assert json.loads(answer.body)["response_token"].startswith("sha256=")
    assert isinstance(channel.verify(WebhookRequest(method="GET"), SETTINGS), Refused)


def test_it_is_written_as_an_outsider_would() -> None:
    allowed = {"chaskiq_core.plugin", "chaskiq_core.testing.sandbox", "chaskiq_core.testing.conformance"}
    lines = [
        line
        for path in (Path(__file__).parents[1] / "src").rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(("from chaskiq_core", "import chaskiq_core"))
    ]

    assert {line.split()[1] for line in lines} == allowed
