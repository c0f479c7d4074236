"""What `parse` returned, as JSON: the shape that plugin authors compare with their expectations."""

from dataclasses import fields
from typing import assert_never

from chaskiq_core.model import JsonObject
from chaskiq_core.plugin.events import (
    ActionAsked,
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
    StatusChanged,
)


def present_inbound_event(provider: str, event: InboundEvent) -> JsonObject:
    """The event as JSON: the keys that every event has, then those of its kind that say something."""
    own = {name: value for name, value in _own_keys(provider, event).items() if value not in (None, False, ())}
    return {
        "kind": event.kind,
        "provider_event_id": event.event_id,
        "conversation_key": conversation_key(provider, event.chat),
        "sender": _person(event.sender),
        "text": None,
        "attachments": [],
        "reply_to": None,
        **own,
        **({"from_bot": True} if event.sender and event.sender.is_bot else {}),
    }


def conversation_key(provider: str, chat: Chat | None) -> str | None:
    """A readable name of the provider's chat, unique over all providers; opaque to who compares it."""
    if chat is None:
        return None
    return f"{provider}:{chat.key or ':'.join(filter(None, (chat.channel_id, chat.thread_id)))}"


def _own_keys(provider: str, event: InboundEvent) -> JsonObject:
    match event:
        case MessageReceived():
            return {
                **_written(event),
                "quote": event.quote,
                "forwarded": event.forwarded,
                "referral": event.referral,
                "command": event.command,
                "unsupported": event.unsupported,
                "auto": event.auto,
                "historical": event.historical,
                "mirrored": event.mirrored,
                "recipient": _person(event.recipient),
                "subject": event.subject,
                "thread_token": event.thread_token,
                "references": list(event.references) or None,
                "cc": list(event.copied_to) or None,
            }
        case MessageEdited():
            return _written(event)
        case MessageDeleted():
            several = list(event.message_ids) if len(event.message_ids) > 1 else None
            return {"message_id": next(iter(event.message_ids), None), "message_ids": several}
        case ReactionChanged():
            changed = {"added": list(event.added), "removed": list(event.removed)}
            if event.replaces:
                changed["removed"] = ["*"] if not event.added else []
            return {"message_id": event.message_id, "reaction": changed}
        case StatusChanged():
            return {
                "message_id": event.message_id,
                "status": event.status.value,
                "error_code": event.error_code,
                "error_class": event.error_class,
                "error_message": event.error_message,
            }
        case MembershipChanged():
            return {
                "change": event.change,
                "members": [_person(member) for member in event.members] or None,
                "new_conversation_key": conversation_key(provider, event.new_chat),
                "old_conversation_key": conversation_key(provider, event.old_chat),
            }
        case ButtonPressed():
            pressed = {"id": event.callback_id, "data": event.data, "title": event.title}
            return {
                "text": event.text or None,
                "message_id": event.own_message_id or event.message_id,
                "reply_to": event.message_id if event.own_message_id else None,
                "callback": {**pressed, "message_id": event.message_id},
            }
        case ActionAsked():
            return {"action": event.action, "agent_id": event.agent_id, "message_key": event.message_key}
        case Ignored():
            return {"reason": event.reason}
        case _:
            assert_never(event)


def _written(event: MessageReceived | MessageEdited) -> JsonObject:
    return {
        "text": event.text,
        "attachments": [_attachment(attachment) for attachment in event.attachments],
        "reply_to": event.reply_to,
        "message_id": event.message_id,
        "direction": event.direction if event.direction == "out" else None,
        "group_id": event.group_id,
    }


def _person(sender: Sender | None) -> JsonObject | None:
    return {"id": sender.id, "name": sender.name} if sender else None


def _attachment(attachment: Attachment) -> JsonObject:
    """The three that every attachment is known by, then what else is known."""
    values = {field.name: getattr(attachment, field.name) for field in fields(attachment)}
    always = {name: values.pop(name) for name in ("type", "filename", "mime", "provider_file_id")}
    return always | {name: value for name, value in values.items() if value is not None and value is not False}
