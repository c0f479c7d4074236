"""An element of a webhook as events. Pure."""

from datetime import UTC, datetime

from chaskiq_core.plugin import Chat, Ignored, InboundEvent, MessageReceived, Sender, WebhookItem, WebhookRequest
from chaskiq_parrot.elements import elements_of, id_at, object_at, text_at

PLACEHOLDER = "(something that can't be shown here)"


def parse_element(request: WebhookRequest, item: WebhookItem) -> list[InboundEvent]:
    """A message, a placeholder for what a person sent in an unknown kind, or an ignored element."""
    element = elements_of(request)[int(item.path.rpartition("/")[2])]
    chat, message_id = id_at(element, "chat"), id_at(element, "id")
    sender_id = id_at(object_at(element, "from"), "id")
    if not (chat and message_id and sender_id):
        return [Ignored(event_id=item.dedupe_key, reason="no chat, no id or no sender")]
    text, kind = text_at(element, "text"), text_at(element, "type")
    is_text = kind == "text" and bool(text.strip())
    reply_to = id_at(element, "reply_to")
    return [
        MessageReceived(
            event_id=item.dedupe_key,
            chat=Chat(channel_id=chat),
            sender=Sender(id=sender_id, name=text_at(object_at(element, "from"), "name").strip() or sender_id),
            at=_time(text_at(element, "at")),
            message_id=message_id,
            message_key=f"{chat}:{message_id}",
            text=text if is_text else PLACEHOLDER,
            unsupported=not is_text,
            reply_to=reply_to or None,
            reply_to_key=f"{chat}:{reply_to}" if reply_to else None,
        )
    ]


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
