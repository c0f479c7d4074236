"""Inbound events as JSON: each kind with its own keys, and none that says nothing."""

import pytest

from chaskiq_core.model.table import JsonObject
from chaskiq_core.plugin import (
    Attachment,
    ButtonPressed,
    Chat,
    Ignored,
    InboundEvent,
    MembershipChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    Sender,
    SendStatus,
    StatusChanged,
)
from chaskiq_core.presenters.events import conversation_key, present_inbound_event

CHAT = Chat(channel_id="7", thread_id="t1")
ANN = Sender(id="71", name="Ann")
EMPTY: JsonObject = {
    "provider_event_id": "e1",
    "conversation_key": "tiny:7:t1",
    "sender": {"id": "71", "name": "Ann"},
    "text": None,
    "attachments": [],
    "reply_to": None,
}

CASES: list[tuple[InboundEvent, JsonObject]] = [
    (
        MessageReceived(event_id="e1", chat=CHAT, sender=ANN, message_id="5", message_key="7:5"),
        {"kind": "message", "text": "", "message_id": "5"},
    ),
    (
        MessageReceived(
            event_id="e1", chat=CHAT, sender=ANN, message_id="5", message_key="7:5", text="hi", direction="out",
            recipient=Sender(id="72", name="Bob"), reply_to="4", quote="a word", forwarded={"name": "Cy"},
            group_id="g", command="start", unsupported=True, auto=True, historical=True,
            attachments=(
                Attachment(type="image", provider_file_id="f1", mime="image/png", size=9, width=1, height=2),
                Attachment(type="location", latitude=0.0, longitude=-9.5, unavailable=True),
            ),
        ),
        {
            "kind": "message", "text": "hi", "message_id": "5", "direction": "out", "reply_to": "4",
            "recipient": {"id": "72", "name": "Bob"}, "quote": "a word", "forwarded": {"name": "Cy"},
            "group_id": "g", "command": "start", "unsupported": True, "auto": True, "historical": True,
            "attachments": [
                {
                    "type": "image", "filename": None, "mime": "image/png", "provider_file_id": "f1",
                    "size": 9, "width": 1, "height": 2,
                },
                {
                    "type": "location", "filename": None, "mime": None, "provider_file_id": None,
                    "latitude": 0.0, "longitude": -9.5, "unavailable": True,
                },
            ],
        },
    ),
    (
        MessageEdited(event_id="e1", chat=CHAT, sender=ANN, message_id="5", message_key="7:5", text="ho", group_id="g"),
        {"kind": "edit", "text": "ho", "message_id": "5", "group_id": "g"},
    ),
    (
        MessageDeleted(event_id="e1", chat=CHAT, sender=ANN, message_ids=("5",), message_keys=("7:5",)),
        {"kind": "delete", "message_id": "5"},
    ),
    (
        MessageDeleted(event_id="e1", chat=CHAT, sender=ANN, message_ids=("5", "6"), message_keys=("7:5", "7:6")),
        {"kind": "delete", "message_id": "5", "message_ids": ["5", "6"]},
    ),
    (
        ReactionChanged(event_id="e1", chat=CHAT, sender=ANN, message_id="5", message_key="7:5", added=("👍",)),
        {"kind": "reaction", "message_id": "5", "reaction": {"added": ["👍"], "removed": []}},
    ),
    (
        StatusChanged(
            event_id="e1", chat=CHAT, sender=ANN, message_id="5", message_key="7:5", status=SendStatus.FAILED,
            error_code="131026", error_class="recipient",
        ),
        {
            "kind": "status", "message_id": "5", "status": "failed", "error_code": "131026",
            "error_class": "recipient",
        },
    ),
    (
        MembershipChanged(
            event_id="e1", chat=CHAT, sender=ANN, change="migrated", members=(ANN,), new_chat=Chat(channel_id="8"),
            old_chat=Chat(channel_id="7", key="seven"),
        ),
        {
            "kind": "membership", "change": "migrated", "members": [{"id": "71", "name": "Ann"}],
            "new_conversation_key": "tiny:8", "old_conversation_key": "tiny:seven",
        },
    ),
    (
        ButtonPressed(event_id="e1", chat=CHAT, sender=ANN, callback_id="c", data="yes", title="Yes!", message_id="5"),
        {
            "kind": "callback", "message_id": "5",
            "callback": {"id": "c", "data": "yes", "title": "Yes!", "message_id": "5"},
        },
    ),
    (Ignored(event_id="e1", chat=CHAT, sender=ANN, reason="a poll"), {"kind": "ignored", "reason": "a poll"}),
]  # fmt: skip


@pytest.mark.parametrize(("event", "own"), CASES, ids=lambda case: getattr(case, "kind", ""))
def test_each_kind_has_its_keys(event: InboundEvent, own: JsonObject) -> None:
    assert present_inbound_event("tiny", event) == {**EMPTY, **own}


def test_what_belongs_to_no_chat_and_nobody_says_so() -> None:
    shown = present_inbound_event("tiny", Ignored(event_id="e1", reason="a poll"))

    assert (shown["conversation_key"], shown["sender"]) == (None, None)


def test_a_bot_is_named_as_one() -> None:
    sender = Sender(id="9", name="Robo", is_bot=True)

    assert present_inbound_event("tiny", Ignored(event_id="e1", sender=sender, reason="x"))["from_bot"] is True


@pytest.mark.parametrize(
    ("chat", "key"),
    [
        (None, None),
        (Chat(channel_id="7"), "tiny:7"),
        (Chat(channel_id="7", thread_id="t"), "tiny:7:t"),
        (Chat(channel_id="7", thread_id="t", key="biz:t:7"), "tiny:biz:t:7"),
    ],
)
def test_a_chat_is_named_within_its_provider(chat: Chat | None, key: str | None) -> None:
    assert conversation_key("tiny", chat) == key
