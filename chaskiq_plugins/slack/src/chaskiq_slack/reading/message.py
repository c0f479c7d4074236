"""Messages: what somebody wrote, edited or deleted; what Slack or we ourselves wrote is no customer's word."""

from dataclasses import replace
from typing import TypeVar

from chaskiq_core.plugin import (
    Chat,
    Document,
    Ignored,
    InboundEvent,
    JsonObject,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    SendStatus,
    StatusChanged,
)
from chaskiq_slack.body import Body
from chaskiq_slack.chats import message_key
from chaskiq_slack.events import CHANGED, DELETED, WRITTEN, is_bots, is_our_own, is_system_line
from chaskiq_slack.fields import cut, key_at, object_at, objects_at, text_at, time_of, ts_at
from chaskiq_slack.manifest import OUR_METADATA
from chaskiq_slack.reading.attachments import attachments_of, links_of
from chaskiq_slack.reading.blocks import words_of_attachments, words_of_blocks
from chaskiq_slack.reading.mrkdwn import document_of, words_of
from chaskiq_slack.reading.people import author_of

W = TypeVar("W", MessageReceived, MessageEdited)

TOMBSTONE = "tombstone"
PLACEHOLDER = "[a Slack message of a kind that can't be shown here]"


def read_message(body: Body, chat: Chat) -> InboundEvent:
    """What a `message` or `app_mention` event tells."""
    event = body.event
    match text_at(event, "subtype"):
        case "message_changed":
            return _changed(body, chat)
        case "message_deleted":
            return _deleted(body, chat, object_at(event, "previous_message"), ts_at(event, "deleted_ts"))
    if is_system_line(event):
        return ignored(body, chat, f"{text_at(event, 'subtype')}: a line of Slack's own", event)
    if is_our_own(event, body):
        return _echo(body, chat)
    return _written(body, chat)


def ignored(body: Body, chat: Chat | None, reason: str, message: JsonObject | None = None) -> Ignored:
    """Nothing that a conversation would show."""
    return Ignored(
        event_id=body.event_id,
        chat=chat,
        sender=author_of(message or body.event),
        at=time_of(ts_at(body.event, "event_ts") or ts_at(body.event, "ts")),
        reason=cut(reason, 200),
    )


def read_echo(body: Body, chat: Chat, metadata: JsonObject, ts: str) -> InboundEvent:
    """A message of ours comes back: by the name that we gave it, it settles its delivery."""
    key = key_at(object_at(metadata, "event_payload"), "key")
    if text_at(metadata, "event_type") != OUR_METADATA or not key or not ts:
        return ignored(body, chat, "our own message")
    return StatusChanged(
        event_id=body.event_id,
        chat=chat,
        at=time_of(ts),
        message_id=ts,
        message_key=message_key(chat.channel_id, ts),
        status=SendStatus.SENT,
        attempt_id=key,
    )


def _echo(body: Body, chat: Chat) -> InboundEvent:
    return read_echo(body, chat, object_at(body.event, "metadata"), ts_at(body.event, "ts"))


def retold(event: W, message: JsonObject) -> W:
    """The same event, saying what the message says."""
    document = _content(message)
    return replace(event, text=words_of(document), content=document)


def _written(body: Body, chat: Chat) -> InboundEvent:
    event = body.event
    # An id of some kind: an empty one would be the same for all.
    message_id = ts_at(event, "ts") or ts_at(event, "event_ts") or body.event_id
    if not message_id:
        return ignored(body, chat, "a message without a ts and an event_id", event)
    document = _content(event)
    attachments = attachments_of(event)
    known = text_at(event, "subtype") in WRITTEN
    if document.is_empty and not attachments:
        document, known = document_of(PLACEHOLDER), False
    return MessageReceived(
        event_id=body.event_id,
        chat=chat,
        sender=author_of(event),
        at=time_of(message_id),
        message_id=message_id,
        message_key=message_key(chat.channel_id, message_id),
        text=words_of(document),
        content=document,
        attachments=attachments,
        unsupported=not known,
        auto=is_bots(event),
    )


def _content(message: JsonObject) -> Document:
    """Its text; an app may leave that empty and say all in blocks or attachments."""
    text = text_at(message, "text")
    if not text.strip():
        text = words_of_blocks(objects_at(message, "blocks"))
    if not text.strip():
        text = words_of_attachments(objects_at(message, "attachments"))
    return document_of("\n".join(filter(str.strip, (text, links_of(message)))))


def _changed(body: Body, chat: Chat) -> InboundEvent:
    message, before = object_at(body.event, "message"), object_at(body.event, "previous_message")
    ts = ts_at(message, "ts") or ts_at(before, "ts")
    if not ts:
        return ignored(body, chat, f"{CHANGED}: it names no message", message)
    if text_at(message, "subtype") == TOMBSTONE:
        return _deleted(body, chat, before, ts)
    if is_our_own(message, body):
        return ignored(body, chat, "our own message was changed", message)
    if is_system_line(message):
        return ignored(body, chat, "a line of Slack's own was changed", message)
    if not _is_edit(message, before):
        return ignored(
            body, chat, "nothing that was written changed: a preview of a link, or a count of replies", message
        )
    document = _content(message)
    return MessageEdited(
        event_id=body.event_id,
        chat=chat,
        sender=author_of(message),
        at=time_of(ts_at(body.event, "ts")),
        message_id=ts,
        message_key=message_key(chat.channel_id, ts),
        text=words_of(document),
        content=document,
        attachments=attachments_of(message),
    )


def _is_edit(message: JsonObject, before: JsonObject) -> bool:
    """Whether a person changed it: Slack tells each preview, each reply in the thread in the same way."""
    edited, former = (ts_at(object_at(one, "edited"), "ts") for one in (message, before))
    if edited and edited != former:
        return True
    return bool(before) and _said(message) != _said(before)


def _said(message: JsonObject) -> tuple[object, ...]:
    blocks = [
        {name: value for name, value in one.items() if name != "block_id"} for one in objects_at(message, "blocks")
    ]
    return text_at(message, "text"), blocks, [text_at(one, "id") for one in objects_at(message, "files")]


def _deleted(body: Body, chat: Chat, message: JsonObject, ts: str) -> InboundEvent:
    ts = ts or ts_at(message, "ts")
    if not ts:
        return ignored(body, chat, f"{DELETED}: it names no message")
    if is_our_own(message, body):
        return ignored(body, chat, "our own message was deleted", message)
    return MessageDeleted(
        event_id=body.event_id,
        chat=chat,
        at=time_of(ts_at(body.event, "ts")),
        message_ids=(ts,),
        message_keys=(message_key(chat.channel_id, ts),),
    )
